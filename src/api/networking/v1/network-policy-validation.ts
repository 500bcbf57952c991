import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { cidrContains, parseCidr } from '../../../machinery/validation/ip-address.ts'
import { legacyCidr } from '../../../machinery/validation/ip-fields.ts'
import { validateLabelSelector, type LabelSelectorRules } from '../../../machinery/validation/label-selector.ts'
import { portName, portNumber } from '../../../machinery/validation/value-formats.ts'
import { checkField, checkOneOf } from '../../field-checks.ts'
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../types.generated.ts'

const protocols: readonly string[] = ['TCP', 'UDP', 'SCTP']
const policyTypes: readonly string[] = ['Ingress', 'Egress']

interface PeerRules extends LabelSelectorRules {
  /** What the old object holds stays allowed. */
  readonly allowedCidrs: readonly string[]
}

/** pkg/apis/networking/validation ValidateNetworkPolicy and its update. */
export function validateNetworkPolicy(policy: NetworkPolicy, old?: NetworkPolicy): FieldError[] {
  const { spec = {} } = policy
  const rules: PeerRules = {
    allowInvalidLabelValue: validateLabelSelector(old?.spec?.podSelector ?? {}, '').length > 0,
    allowedCidrs: old === undefined ? [] : [...peersOf(old).values()].flatMap(cidrsOf),
  }
  const errors = validateLabelSelector(spec.podSelector ?? {}, 'spec.podSelector', rules)
  for (const [index, { ports, from }] of (spec.ingress ?? []).entries()) {
    errors.push(...validatePorts(ports, `spec.ingress[${index}].ports`))
    errors.push(...validatePeers(from, `spec.ingress[${index}].from`, rules))
  }
  for (const [index, { ports, to }] of (spec.egress ?? []).entries()) {
    errors.push(...validatePorts(ports, `spec.egress[${index}].ports`))
    errors.push(...validatePeers(to, `spec.egress[${index}].to`, rules))
  }
  return [...errors, ...validateTypes(spec.policyTypes ?? []), ...requireCidrs(policy)]
}

function peersOf({ spec = {} }: NetworkPolicy): Map<string, NetworkPolicyPeer> {
  const peers = new Map<string, NetworkPolicyPeer>()
  for (const [index, { from }] of (spec.ingress ?? []).entries()) {
    for (const [at, peer] of (from ?? []).entries()) peers.set(`spec.ingress[${index}].from[${at}]`, peer)
  }
  for (const [index, { to }] of (spec.egress ?? []).entries()) {
    for (const [at, peer] of (to ?? []).entries()) peers.set(`spec.egress[${index}].to[${at}]`, peer)
  }
  return peers
}

function cidrsOf({ ipBlock }: NetworkPolicyPeer): string[] {
  return ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []
}

/** Declared with the types, and therefore said last. */
function requireCidrs(policy: NetworkPolicy): FieldError[] {
  return [...peersOf(policy)].flatMap(([field, { ipBlock }]) =>
    ipBlock && !ipBlock.cidr ? [fieldErrors.required(`${field}.ipBlock.cidr`)] : [],
  )
}

function validateTypes(types: readonly string[]): FieldError[] {
  if (types.length > policyTypes.length) {
    return [fieldErrors.invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  }
  return types.flatMap((type, index) => checkOneOf(type, `spec.policyTypes[${index}]`, policyTypes))
}

function validatePorts(ports: readonly NetworkPolicyPort[] | undefined, field: string): FieldError[] {
  return (ports ?? []).flatMap(({ protocol, port, endPort }, index) => {
    const at = `${field}[${index}]`
    const errors = protocol === undefined ? [] : checkOneOf(protocol, `${at}.protocol`, protocols)
    const wrongEnd = (detail: string) => errors.push(fieldErrors.invalid(`${at}.endPort`, endPort, detail))
    if (typeof port === 'number') {
      errors.push(...checkField(port, `${at}.port`, portNumber))
      if (endPort === undefined) return errors
      if (endPort < port) wrongEnd('must be greater than or equal to `port`')
      for (const text of portNumber(endPort)) wrongEnd(text)
      return errors
    }
    if (endPort !== undefined) {
      wrongEnd(`may not be specified when \`port\` is ${port === undefined ? 'not specified' : 'non-numeric'}`)
    }
    if (port !== undefined) errors.push(...checkField(port, `${at}.port`, portName))
    return errors
  })
}

function validatePeers(peers: readonly NetworkPolicyPeer[] | undefined, field: string, rules: PeerRules): FieldError[] {
  return (peers ?? []).flatMap(({ podSelector, namespaceSelector, ipBlock }, index) => {
    const at = `${field}[${index}]`
    const errors = [
      ...validateLabelSelector(podSelector, `${at}.podSelector`, rules),
      ...validateLabelSelector(namespaceSelector, `${at}.namespaceSelector`, rules),
    ]
    if (ipBlock) errors.push(...validateIpBlock(ipBlock, `${at}.ipBlock`, rules))
    if (!podSelector && !namespaceSelector && !ipBlock) errors.push(fieldErrors.required(at, 'must specify a peer'))
    else if (ipBlock && (podSelector || namespaceSelector)) {
      errors.push(fieldErrors.forbidden(at, 'may not specify both ipBlock and another peer'))
    }
    return errors
  })
}

function validateIpBlock({ cidr, except }: IPBlock, field: string, { allowedCidrs }: PeerRules): FieldError[] {
  if (!cidr) return []
  const errors = legacyCidr(`${field}.cidr`, cidr, allowedCidrs)
  const whole = parseCidr(cidr)
  if (!whole) return errors
  for (const [index, text] of (except ?? []).entries()) {
    const at = `${field}.except[${index}]`
    errors.push(...legacyCidr(at, text, allowedCidrs))
    const part = parseCidr(text)
    if (!part || (cidrContains(whole, part.network) && whole.prefixLength < part.prefixLength)) continue
    errors.push(fieldErrors.invalid(at, text, 'must be a strict subset of `cidr`'))
  }
  return errors
}

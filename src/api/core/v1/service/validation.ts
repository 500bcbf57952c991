import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { legacyCidr, legacyIp } from '../../../../machinery/validation/ip-fields.ts'
import { qualifiedName } from '../../../../machinery/validation/label-names.ts'
import { validateLabels } from '../../../../machinery/validation/label-selector.ts'
import { portNumber } from '../../../../machinery/validation/value-formats.ts'
import { checkField, checkOneOf, checkRequiredOneOf } from '../../../field-checks.ts'
import type { Service, ServicePort, ServiceSpec } from '../../../types.generated.ts'
import { validateEndpointIp } from '../endpoint-ip.ts'
import { validatePort } from '../pod/handlers.ts'
import { portProtocols } from '../protocols.ts'
import { isHeadless, validateClusterIps } from './cluster-ips.ts'
import { isExternallyAccessible, needsHealthCheckNodePort } from './service-type.ts'

/** pkg/apis/core/validation ValidateServiceCreate and validateService. */
const types: readonly string[] = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const affinities: readonly string[] = ['ClientIP', 'None']
const policies: readonly string[] = ['Cluster', 'Local']
const distributions: readonly string[] = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const hintsKey = 'service.kubernetes.io/topology-aware-hints'
const modeKey = 'service.kubernetes.io/topology-mode'
const onlyForLoadBalancer = "may only be used when `type` is 'LoadBalancer'"

export function validateService(service: Service, old?: Service): FieldError[] {
  const spec = service.spec!
  const errors = validateTopologyAnnotations(service)
  const headless = isHeadless(spec)
  const { ports = [], type = '' } = spec
  if (ports.length === 0 && !headless && type !== 'ExternalName') errors.push(fieldErrors.required('spec.ports'))
  errors.push(...validateType(spec, headless))
  errors.push(...validatePorts(ports))
  errors.push(...validateLabels(spec.selector, 'spec.selector'))
  errors.push(...validateAffinity(spec))
  errors.push(...validateClusterIps(spec, old?.spec))
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    const field = `spec.externalIPs[${index}]`
    const faults = legacyIp(field, address, old?.spec?.externalIPs)
    errors.push(...(faults.length > 0 ? faults : validateEndpointIp(address, field)))
  }
  errors.push(...checkRequiredOneOf(type, 'spec.type', types))
  errors.push(...validatePortUse(ports, type))
  errors.push(...validateSourceRanges(service, old))
  if (spec.allocateLoadBalancerNodePorts !== undefined && type !== 'LoadBalancer') {
    errors.push(fieldErrors.forbidden('spec.allocateLoadBalancerNodePorts', onlyForLoadBalancer))
  }
  if (type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === undefined) {
    errors.push(fieldErrors.required('allocateLoadBalancerNodePorts'))
  }
  errors.push(...validateLoadBalancerClass(spec), ...validateTrafficPolicies(spec))
  return errors
}

function validateTopologyAnnotations({ metadata }: Service): FieldError[] {
  const { [hintsKey]: hints, [modeKey]: mode } = metadata.annotations ?? ({} as Record<string, string>)
  if (hints === undefined || mode === undefined || hints === mode) return []
  const detail = `must match annotations[${hintsKey}] when both are specified`
  return [fieldErrors.invalid(`metadata.annotations[${modeKey}]`, mode, detail)]
}

function validateType(spec: ServiceSpec, headless: boolean): FieldError[] {
  const { type } = spec
  if (type === 'LoadBalancer' || type === 'NodePort') {
    if (!headless) return []
    return [fieldErrors.invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)]
  }
  if (type !== 'ExternalName') return []
  const errors: FieldError[] = []
  const detail = 'may not be set for ExternalName services'
  if (spec.clusterIPs?.length) errors.push(fieldErrors.forbidden('spec.clusterIPs', detail))
  if (spec.ipFamilies?.length) errors.push(fieldErrors.forbidden('spec.ipFamilies', detail))
  if (spec.ipFamilyPolicy !== undefined) errors.push(fieldErrors.forbidden('spec.ipFamilyPolicy', detail))
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  if (!name) errors.push(fieldErrors.required('spec.externalName'))
  else errors.push(...checkField(name, 'spec.externalName', (text) => dns1123Subdomain(text)))
  return errors
}

function validatePorts(ports: readonly ServicePort[]): FieldError[] {
  const names = new Set<string>()
  return ports.flatMap((one, index) => {
    const { name, port, protocol, targetPort, appProtocol } = one
    const field = `spec.ports[${index}]`
    const errors: FieldError[] = []
    if (!name && ports.length > 1) errors.push(fieldErrors.required(`${field}.name`))
    if (name) {
      errors.push(...checkField(name, `${field}.name`, dns1123Label))
      if (names.has(name)) errors.push(fieldErrors.duplicate(`${field}.name`, name))
      names.add(name)
    }
    errors.push(...checkField(port, `${field}.port`, portNumber))
    errors.push(...checkRequiredOneOf(protocol, `${field}.protocol`, portProtocols))
    errors.push(...validatePort(targetPort, `${field}.targetPort`))
    if (appProtocol !== undefined) errors.push(...checkField(appProtocol, `${field}.appProtocol`, qualifiedName))
    return errors
  })
}

const maxAffinitySeconds = 86400
function validateAffinity(spec: ServiceSpec): FieldError[] {
  const { sessionAffinity: affinity, sessionAffinityConfig: config } = spec
  const errors = checkRequiredOneOf(affinity, 'spec.sessionAffinity', affinities)
  const field = 'spec.sessionAffinityConfig'
  if (affinity === 'None' && config) {
    errors.push(fieldErrors.forbidden(field, 'must not be set when session affinity is None'))
  }
  if (affinity !== 'ClientIP') return errors
  const missing = 'when session affinity type is ClientIP'
  const seconds = config?.clientIP?.timeoutSeconds
  if (!config) errors.push(fieldErrors.required(field, missing))
  else if (!config.clientIP) errors.push(fieldErrors.required(`${field}.clientIP`, missing))
  else if (seconds === undefined) errors.push(fieldErrors.required(`${field}.clientIP.timeoutSeconds`, missing))
  else if (seconds <= 0 || seconds > maxAffinitySeconds) {
    const detail = `must be greater than 0 and less than ${maxAffinitySeconds}`
    errors.push(fieldErrors.invalid(`${field}.clientIP.timeoutSeconds`, seconds, detail))
  }
  return errors
}

/** Ports of the service and of nodes, each once for a protocol. */
function validatePortUse(ports: readonly ServicePort[], type: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, { nodePort }] of ports.entries()) {
    if (type !== 'ClusterIP' || !nodePort) continue
    errors.push(fieldErrors.forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
  }
  const nodePorts = new Set<string>()
  for (const [index, { nodePort, protocol }] of ports.entries()) {
    if (!nodePort) continue
    const key = `${protocol}/${nodePort}`
    if (nodePorts.has(key)) errors.push(fieldErrors.duplicate(`spec.ports[${index}].nodePort`, nodePort))
    nodePorts.add(key)
  }
  const own = new Set<string>()
  for (const [index, { port, protocol = '' }] of ports.entries()) {
    const key = `${protocol}/${port}`
    // The bad value is a port of upstream's internal type with nothing else in it.
    const bad = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
    if (own.has(key)) errors.push(fieldErrors.duplicate(`spec.ports[${index}]`, bad))
    own.add(key)
  }
  return errors
}

const sourceRangesKey = 'service.beta.kubernetes.io/load-balancer-source-ranges'
function validateSourceRanges({ spec, metadata }: Service, old: Service | undefined): FieldError[] {
  const ranges = spec!.loadBalancerSourceRanges ?? []
  const balanced = spec!.type === 'LoadBalancer'
  if (ranges.length > 0) {
    const field = 'spec.LoadBalancerSourceRanges'
    const before = (old?.spec?.loadBalancerSourceRanges ?? []).map((range) => range.trim())
    return [
      ...(balanced ? [] : [fieldErrors.forbidden(field, onlyForLoadBalancer)]),
      ...ranges.flatMap((range, index) => legacyCidr(`${field}[${index}]`, range.trim(), before)),
    ]
  }
  const text = metadata.annotations?.[sourceRangesKey]
  if (text === undefined) return []
  const field = `metadata.annotations[${sourceRangesKey}]`
  const errors = balanced ? [] : [fieldErrors.forbidden(field, onlyForLoadBalancer)]
  if (text.trim() === '' || old?.metadata.annotations?.[sourceRangesKey] === text) return errors
  for (const range of text.trim().split(',')) errors.push(...legacyCidr(field, range.trim()))
  return errors
}

export function validateLoadBalancerClass({ type, loadBalancerClass }: ServiceSpec): FieldError[] {
  const field = 'spec.loadBalancerClass'
  if (loadBalancerClass === undefined) return []
  if (type === 'LoadBalancer') return checkField(loadBalancerClass, field, qualifiedName)
  return [fieldErrors.forbidden(field, onlyForLoadBalancer)]
}

function validateTrafficPolicies(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy = '', healthCheckNodePort = 0, internalTrafficPolicy, trafficDistribution } = spec
  const errors: FieldError[] = []
  const external = 'spec.externalTrafficPolicy'
  if (isExternallyAccessible(spec)) errors.push(...checkRequiredOneOf(externalTrafficPolicy, external, policies))
  else if (externalTrafficPolicy) {
    const detail = 'may only be set for externally-accessible services'
    errors.push(fieldErrors.invalid(external, externalTrafficPolicy, detail))
  }
  const healthCheck = 'spec.healthCheckNodePort'
  if (!needsHealthCheckNodePort(spec)) {
    if (healthCheckNodePort !== 0) {
      const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
      errors.push(fieldErrors.invalid(healthCheck, healthCheckNodePort, detail))
    }
  } else if (healthCheckNodePort === 0) errors.push(fieldErrors.required(healthCheck))
  else errors.push(...checkField(healthCheckNodePort, healthCheck, portNumber))
  if (internalTrafficPolicy !== undefined) {
    errors.push(...checkOneOf(internalTrafficPolicy, 'spec.internalTrafficPolicy', policies))
  } else if (spec.type === 'NodePort' || spec.type === 'LoadBalancer' || spec.type === 'ClusterIP') {
    errors.push(fieldErrors.required('spec.internalTrafficPolicy'))
  }
  if (trafficDistribution !== undefined) {
    errors.push(...checkOneOf(trafficDistribution, 'spec.trafficDistribution', distributions))
  }
  return errors
}

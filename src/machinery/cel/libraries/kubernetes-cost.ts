import { type CallEstimate, cost, type CostEstimator, type CostNode } from '../cost/cost-model.ts'
import { byFactor, type Estimate, fixed, greatest, plus, times, unit, unknownEstimate } from '../cost/estimate.ts'
import { regexCost } from '../cost/built-in-cost.ts'
import type { Value } from '../value.ts'
import { authorizerTypes } from './authorizer.ts'
import { cidrType, formatType, ipType, quantityType, semverType, urlType } from './kubernetes-values.ts'
import { kubernetesCallCost } from './kubernetes-call-cost.ts'
import { accessCheckCost, nominal, selectorCost } from './kubernetes-cost-units.ts'

const traversal = cost.stringTraversal
const maxNamedFormatPattern = 128
const maxFormatSize = 64n
/**
 * What Kubernetes' functions cost (apiserver pkg/cel/library/cost.go); `sizes` knows the sizes of the variables. What
 * may be written into a CRD depends on it: changes here break people.
 */
export function kubernetesCosts(sizes?: (node: CostNode) => Estimate | undefined): CostEstimator {
  const estimateSize = (node: CostNode) => sizes?.(node)
  const sizeOf = (node: CostNode | undefined): Estimate =>
    node === undefined ? unknownEstimate : (node.size ?? estimateSize(node) ?? unknownEstimate)
  const scan = (node: CostNode | undefined, factor = 1) => ({ cost: byFactor(sizeOf(node), factor * traversal) })

  function estimateCall(
    name: string,
    overload: string,
    target: CostNode | undefined,
    args: readonly CostNode[],
  ): CallEstimate | undefined {
    const [first] = args
    if (nominal.has(name)) return { cost: unit }
    switch (name) {
      case 'check':
        return { cost: fixed(accessCheckCost) }
      case 'fieldSelector':
      case 'labelSelector':
        return args.length === 1 ? { cost: selectorCost(sizeOf(first)) } : undefined
      case 'isSorted':
      case 'sum':
      case 'max':
      case 'min':
      case 'indexOf':
      case 'lastIndexOf':
      case 'includes':
        return target && { cost: elementsCost(name, target) }
      case 'url':
      case 'jsonpatch.escapeKey':
        return args.length === 1 ? { ...scan(first), size: sizeOf(first) } : undefined
      case 'lowerAscii':
      case 'upperAscii':
      case 'substring':
      case 'trim':
        return target && { ...scan(target), size: sizeOf(target) }
      case 'replace':
        if (target === undefined || args.length < 2) return undefined
        return { ...scan(target, 2), size: replacedSize(sizeOf(target), sizeOf(first), sizeOf(args[1])) }
      case 'split':
        return target && { ...scan(target, 2), size: { min: 0n, max: splitParts(sizeOf(target), args[1]) } }
      case 'join': {
        if (target === undefined) return undefined
        const size = joinedSize(target, first)
        return { cost: byFactor(size, traversal), size }
      }
      case 'find':
      case 'findAll':
        if (target === undefined || first === undefined) return undefined
        return { cost: regexCost(sizeOf(target), sizeOf(first)), size: { min: 0n, max: sizeOf(target).max } }
      case 'ip':
        if (overload === 'cidr_ip') return { cost: unit }
        return first && scan(first)
      case 'cidr':
      case 'isIP':
      case 'isCIDR':
      case 'quantity':
      case 'isQuantity':
      case 'semver':
      case 'isSemver':
        return first && scan(first)
      case 'ip.isCanonical':
        return first && scan(first, 2)
      case 'containsIP':
      case 'containsCIDR':
        return first && { cost: containsCost(name, overload, first) }
      case 'validate':
        return first && { cost: byFactor(scan(first).cost, maxNamedFormatPattern * cost.regex) }
      case '_==_':
        return args.length === 2 ? equalityCost(args[0]!, args[1]!) : undefined
    }
    return undefined
  }

  /** One per element, and the walk through it where it is text. */
  function elementsCost(name: string, target: CostNode): Estimate {
    const element = elementOf(target)
    if (element !== undefined) {
      const text = element.type.kind === 'string' || element.type.kind === 'bytes'
      const each = text ? plus(unit, byFactor(sizeOf(element), traversal)) : unit
      return times(sizeOf(target), each)
    }
    return name === 'includes' ? sizeOf(target) : byFactor(sizeOf(target), traversal)
  }
  function elementOf({ type, path }: CostNode): CostNode | undefined {
    const [element] = type.params
    return element && { type: element, path: path && [...path, '@items'] }
  }

  function joinedSize(list: CostNode, separator: CostNode | undefined): Estimate {
    const count = sizeOf(list)
    const element = elementOf(list)
    const size = element === undefined ? fixed(0) : times(count, sizeOf(element))
    if (separator === undefined) return size
    const gaps = { min: count.min > 0n ? count.min - 1n : 0n, max: count.max > 0n ? count.max - 1n : 0n }
    return plus(size, times(sizeOf(separator), gaps))
  }

  function containsCost(name: string, overload: string, other: CostNode): Estimate {
    const address = { min: 4n, max: 16n }
    let total = byFactor(plus(address, address), traversal)
    if (name === 'containsCIDR') total = plus(total, byFactor(address, traversal), unit)
    const parse = overload === 'cidr_contains_ip_string' || overload === 'cidr_contains_cidr_string'
    return parse ? plus(total, scan(other).cost) : total
  }

  return { estimateSize, estimateCall, callCost: kubernetesCallCost }
}

function equalityCost({ type }: CostNode, right: CostNode): CallEstimate | undefined {
  if (type.name !== right.type.name) return undefined
  if ([ipType, cidrType, quantityType, semverType, ...authorizerTypes].some(({ name }) => name === type.name))
    return { cost: unit }
  if (type.name === formatType.name) return { cost: byFactor({ min: 1n, max: maxFormatSize }, traversal) }
  if (type.name !== urlType.name) return undefined
  return { cost: byFactor({ min: 1n, max: right.size?.max ?? 1n }, traversal) }
}

/** How long a text is after its replacements: the longest and the shortest that may come out. */
function replacedSize(text: Estimate, old: Estimate, by: Estimate): Estimate {
  let count = { min: 0n, max: 0n }
  let kept = { min: 0n, max: 0n }
  const upTo = (size: bigint) => (size < greatest ? size + 1n : size)
  const parts = (size: bigint, of: bigint) => {
    const quotient = Math.ceil(Number(size) / Number(of))
    return quotient >= 2 ** 64 ? greatest : BigInt(quotient)
  }
  // Nothing is replaced by something around each character.
  if (old.min === 0n) {
    count = { ...count, max: upTo(text.max) }
    kept = { ...kept, max: text.max }
  } else if (by.max <= old.min) kept = { ...kept, max: text.max }
  else count = { ...count, max: parts(text.max, old.min) }
  if (old.max === 0n) {
    count = { ...count, min: upTo(text.min) }
    kept = { ...kept, min: text.min }
  } else if (old.max <= by.min) kept = { ...kept, min: text.min }
  else count = { ...count, min: parts(text.min, old.max) }
  return plus(times(count, by), kept)
}

/** Each character may become a part, unless a literal limit says less. */
function splitParts(text: Estimate, limit: CostNode | undefined): bigint {
  const value: Value | undefined = limit?.expr?.node.kind === 'literal' ? limit.expr.node.value : undefined
  return typeof value === 'bigint' ? BigInt.asUintN(64, value) : text.max
}

import { actualSize, regexCallCost } from '../cost/call-cost.ts'
import { cost } from '../cost/cost-model.ts'
import { fixed } from '../cost/estimate.ts'
import { ListValue, MapValue, ObjectValue, Optional, sizeOf, type Value } from '../value.ts'
import { accessCheckCost, nominal, selectorCost } from './kubernetes-cost-units.ts'
import { FormatValue } from './named-formats.ts'

const traversal = cost.stringTraversal
const size = (value: Value) => (value instanceof Optional ? 1 : (sizeOf(value) ?? 1))
const scan = (value: Value, factor = 1) => Math.ceil(size(value) * factor * traversal)

/** What a call of one of Kubernetes' functions did cost; undefined: it is none of them. */
export function kubernetesCallCost(
  name: string,
  overload: string,
  args: readonly Value[],
  result: Value,
): number | undefined {
  const [first, second] = args as [Value, Value]
  const count = args.length
  if (nominal.has(name)) return 1
  switch (name) {
    case 'check':
      return accessCheckCost
    case 'fieldSelector':
    case 'labelSelector':
      return count >= 2 ? Number(selectorCost(fixed(size(second))).max) : undefined
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf':
    case 'includes':
      return count > 0 ? walkCost(first) : 0
    case 'url':
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
    case 'jsonpatch.escapeKey':
    case 'cidr':
    case 'isIP':
    case 'isCIDR':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
      return count >= 1 ? scan(first) : undefined
    case 'replace':
    case 'split':
    case 'ip.isCanonical':
      return count >= 1 ? scan(first, 2) : undefined
    case 'join':
      return count >= 1 ? scan(result, 2) : undefined
    case 'find':
    case 'findAll':
      return count >= 2 ? regexCallCost(first, second) : undefined
    case 'ip':
      if (count < 1) return undefined
      return overload === 'cidr_ip' ? 1 : scan(first)
    case 'containsIP':
    case 'containsCIDR':
      return count >= 2 ? containsCost(name, overload, first, second) : undefined
    case 'validate': {
      if (!(first instanceof FormatValue)) return undefined
      return Math.ceil((1 + size(second)) * traversal) * Math.ceil(first.patternSize * cost.regex)
    }
    case '_==_':
      return count === 2 && first instanceof ObjectValue && first.type.name !== 'unknown' ? 1 : undefined
  }
  return undefined
}

function containsCost(name: string, overload: string, of: Value, other: Value): number {
  const own = actualSize(of)
  let total = Math.ceil((own + own) * traversal)
  if (name === 'containsCIDR') total += Math.ceil(own * traversal) + 1
  const parse = overload === 'cidr_contains_ip_string' || overload === 'cidr_contains_cidr_string'
  return parse ? total + scan(other) : total
}

/** Walking through a value as a tree of data; text counts its bytes. */
function walkCost(value: Value): number {
  if (typeof value === 'string') return Math.trunc(Buffer.byteLength(value) * traversal)
  if (value instanceof Uint8Array) return Math.trunc(value.length * traversal)
  let total = 0
  if (value instanceof ListValue) {
    for (const item of value) total += walkCost(item)
    return total
  }
  if (!(value instanceof MapValue)) return 1
  for (const key of value.keys()) total += walkCost(key) + walkCost(value.find(key) ?? null)
  return total
}

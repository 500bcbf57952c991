import { notAcceptable } from '../../machinery/errors.ts'
import type { MediaType } from './media-type.ts'

/** What an answer is turned into, when the client asks for another form than the resource's own. */
export interface Conversion {
  readonly kind: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  readonly version: 'v1' | 'v1beta1'
}

export interface Negotiated {
  readonly mediaType: MediaType
  readonly convert: Conversion | undefined
  readonly pretty: boolean
}

/** What a path can answer with. */
export interface Offer {
  readonly mediaTypes: readonly MediaType[]
  /** Media types for metadata and tables, which are ours even where the resource's are fewer (custom resources). */
  readonly metadataTypes: readonly MediaType[]
  /** False: what is answered has no rows, e.g. a review. */
  readonly tables?: boolean
}

export interface Clause {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
  readonly quality: number
}

const plain: Negotiated = { mediaType: 'application/json', convert: undefined, pretty: false }
const kept = new Map<string, readonly Clause[]>()

/**
 * Chooses the form of the answer (apiserver pkg/endpoints/handlers/negotiation/negotiate.go). Throws NotAcceptable. With
 * `stream` the answer is a watch.
 */
export function negotiate(accept: string | undefined, offer: Offer, stream = false): Negotiated {
  if (!accept || accept === 'application/json') return plain
  let clauses = kept.get(accept)
  if (clauses === undefined) {
    clauses = parseAccept(accept)
    if (kept.size < 256) kept.set(accept, clauses)
  }
  for (const clause of clauses) {
    for (const mediaType of new Set([...offer.mediaTypes, ...offer.metadataTypes])) {
      if (!matches(clause.type, mediaType)) continue
      const found = accepted(clause, mediaType, offer)
      if (found === undefined) continue
      if (stream && mediaType === 'application/yaml') throw notAcceptable(streamTypes(offer))
      return found
    }
  }
  throw notAcceptable([...new Set([...offer.mediaTypes, ...offer.metadataTypes])])
}

/** YAML cannot be streamed. */
function streamTypes(offer: Offer): string[] {
  return offer.mediaTypes.filter((type) => type !== 'application/yaml').map((type) => `${type};stream=watch`)
}

function accepted(clause: Clause, mediaType: MediaType, offer: Offer): Negotiated | undefined {
  const { as, g, v, pretty, stream } = clause.parameters
  if (stream !== undefined && stream !== '' && (stream !== 'watch' || mediaType === 'application/yaml'))
    return undefined
  if (as === undefined && g === undefined && v === undefined) {
    if (!offer.mediaTypes.includes(mediaType)) return undefined
    return { mediaType, convert: undefined, pretty: pretty === '1' }
  }
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined
  if (as !== 'Table' && as !== 'PartialObjectMetadata' && as !== 'PartialObjectMetadataList') return undefined
  if (!offer.metadataTypes.includes(mediaType)) return undefined
  if (as === 'Table' && (offer.tables === false || mediaType === 'application/vnd.kubernetes.protobuf'))
    return undefined
  return { mediaType, convert: { kind: as, version: v }, pretty: pretty === '1' }
}

function matches(wanted: string, offered: MediaType): boolean {
  if (wanted === offered || wanted === '*/*' || wanted === '*') return true
  return wanted === 'application/*'
}

/** Clauses in the order in which they are tried, exactly as they are written (goautoneg). */
export function parseAccept(accept: string): Clause[] {
  const clauses: Clause[] = []
  for (const text of accept.split(',')) {
    const [head = '', ...rest] = text.split(';')
    const type = head.trim()
    if (type !== '*' && !/^[^/]+\/[^/]+$/.test(type)) continue
    const parameters: Record<string, string> = {}
    let quality = 1
    for (const each of rest) {
      const [name = '', value, ...more] = each.split('=')
      if (value === undefined || value === '' || more.length > 0) continue
      if (name.trim() === 'q') quality = goFloat(value)
      else parameters[name.trim()] = value.trim()
    }
    clauses.push({ type, parameters, quality })
  }
  return sorted(clauses)
}

/** strconv.ParseFloat of what is decimal; 0 for all else. */
function goFloat(text: string): number {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : 0
}

/** Not an order by mathematics: of a poor exact type and a good pattern each comes before the other (acceptSlice.Less). */
function isBefore(a: Clause, b: Clause): boolean {
  const isAny = ({ type }: Clause) => type.startsWith('*')
  const isPattern = ({ type }: Clause) => type.endsWith('*')
  return a.quality > b.quality || (!isAny(a) && isAny(b)) || (!isPattern(a) && isPattern(b))
}

/** As Go's sort.Sort does it for a dozen, which decides where `isBefore` does not. */
function sorted(clauses: Clause[]): Clause[] {
  if (clauses.length > 12) return clauses.sort((a, b) => Number(isBefore(b, a)) - Number(isBefore(a, b)))
  for (let at = 1; at < clauses.length; at++) {
    for (let back = at; back > 0 && isBefore(clauses[back]!, clauses[back - 1]!); back--) {
      ;[clauses[back - 1], clauses[back]] = [clauses[back]!, clauses[back - 1]!]
    }
  }
  return clauses
}

/** Whether a human reads the answer (isPrettyPrint). */
export function wantsPretty(pretty: string | undefined, userAgent: string | undefined): boolean {
  if (pretty) return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(pretty)
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(userAgent ?? '')
}

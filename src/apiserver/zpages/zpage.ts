import { goJsonText } from '../../machinery/codec/json/go-json.ts'
import { notAcceptable } from '../../machinery/errors.ts'
import type { Random } from '../../machinery/random.ts'
import type { Answer } from '../answer.ts'
import { type Clause, parseAccept, wantsPretty } from '../negotiation/accept.ts'
import type { PathHandler } from '../routing/path-router.ts'

/** A page about the process itself, for people; with a kind, for programs as well (KEP-4827, KEP-4828). */
export interface Zpage {
  readonly kind: 'Statusz' | 'Flagz'
  readonly component: string
  /** What the object has beside its metadata. */
  readonly fields: () => object
  /** What people are shown below the head. */
  readonly text: (delimiter: string) => string
}

const group = 'config.k8s.io'
const versions = ['v1alpha1', 'v1beta1']
const mediaTypes = ['application/json', 'application/yaml', 'text/plain']
/** One is drawn each time, so that nobody comes to read the page by a program. */
const delimiters = [':', ': ', '=', ' ']

/** Serves the page in the form that is asked for (apiserver pkg/server/{statusz,flagz}). */
export function serveZpage(page: Zpage, random: Random): PathHandler {
  const name = page.kind.toLowerCase()
  return async ({ request, warnings }) => {
    const form = formOf(page.kind, request.headers.accept)
    if (form === undefined) return textAnswer(page, random)
    const { mediaType, version } = form
    if (version === 'v1alpha1')
      warnings.add(`This version of the ${name} endpoint is deprecated. Please use a newer version.`)
    const apiVersion = `${group}/${version}`
    const object = { kind: page.kind, apiVersion, metadata: { name: page.component }, ...page.fields() }
    const pretty = wantsPretty(request.query.get('pretty'), request.headers['user-agent'])
    const contentType = `${mediaType};g=${group};v=${version};as=${page.kind}`
    const body =
      mediaType === 'application/yaml'
        ? (await import('../../machinery/codec/yaml/print-yaml.ts')).printYaml(object)
        : pretty
          ? goJsonText(object, true)
          : `${goJsonText(object)}\n`
    return { type: 'raw', code: 200, contentType, body }
  }
}

function textAnswer({ component, kind, text }: Zpage, random: Random): Answer {
  const head = `\n${component} ${kind.toLowerCase()}\nWarning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.\n`
  const delimiter = delimiters[Math.floor(random.float() * delimiters.length)]!
  return { type: 'raw', code: 200, contentType: 'text/plain; charset=utf-8', body: head + text(delimiter) }
}

/** Undefined: as text. Throws NotAcceptable. */
function formOf(kind: string, accept: string | undefined): { mediaType: string; version: string } | undefined {
  if (!accept?.trim()) return undefined
  for (const clause of parseAccept(accept)) {
    for (const mediaType of mediaTypes) {
      if (!matches(clause, mediaType)) continue
      const { as, g, v } = clause.parameters
      const plain = as === undefined && g === undefined && v === undefined
      if (mediaType === 'text/plain') {
        if (plain) return undefined
      } else if (as === kind && g === group && v !== undefined && versions.includes(v)) return { mediaType, version: v }
    }
  }
  throw notAcceptable(mediaTypes)
}

function matches({ type }: Clause, mediaType: string): boolean {
  return type === mediaType || type === '*/*' || type === '*' || type === `${mediaType.split('/')[0]}/*`
}

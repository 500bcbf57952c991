import type { Answer } from '../servers/client.ts'

/** What of an answer is compared, with what no two servers can agree on replaced by words. */
export interface Comparable {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const comparedHeaders = ['content-type', 'warning', 'cache-control', 'retry-after', 'allow', 'location']

/**
 * Texts that differ between any two servers: uids, times of this run, revisions, places, and what is allocated at
 * random. Times and addresses of the cases themselves lie elsewhere (2020, 10.96.77.0/24).
 */
const replacements: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g, 'UID'],
  [/\b20(?:2[5-9]|[3-9]\d)-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d(?: \w+)?)/g, 'TIME'],
  [/(resourceVersion\\*"?: ?\\*")(?!0\\*")\d+/g, '$1RV'],
  [/in record \(\d+\)/g, 'in record (RV)'],
  [/(resourceVersion: Invalid value: |current: |storage: |precondition: )"?\d+"?/gi, '$1RV'],
  [/"continue":"[^"]+"/g, '"continue":"CONTINUE"'],
  [/\b10\.(?:96\.(?!77\.)|99\.)\d+\.\d+\b/g, 'SERVICE-IP'],
  [/(\\*")(nodePort|healthCheckNodePort)(\\*"):3[0-2]\d{3}/g, '$1$2$3:$1PORT$3'],
  [/:3[0-2]\d{3}(?=\/(?:TCP|UDP|SCTP))/g, ':PORT'],
  [/\{(TCP|UDP|SCTP) 3[0-2]\d{3}\}/g, '{$1 PORT}'],
  [/(ResourceVersion in object meta: )\d+/g, '$1RV'],
  [/X509SHA256=[0-9a-f]{64}/g, 'X509SHA256=DIGEST'],
  // Ages of what was made in this run.
  [/"(?:\d+h)?(?:\d+m)?\d+s"/g, '"AGE"'],
  [/\((?:\d+h)?(?:\d+m)?\d+s ago\)/g, '(AGE ago)'],
  [/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-SUFFIX'],
  [/(?:127\.0\.0\.1|192\.0\.2\.1):\d{5}/g, 'SERVER'],
  [/(x{58})[a-z0-9]{5}/g, '$1SUFFIX'],
]

export function normalized(answer: Answer): Comparable {
  const headers: Record<string, string> = {}
  for (const name of comparedHeaders) {
    const value = answer.headers[name]
    if (value !== undefined) headers[name] = value
  }
  return { status: answer.status, headers, body: masked(inSteadyOrder(answer.body)) }
}

/** Lists of IPAddresses, whose names are addresses of services and taken at random, by what has them. */
function inSteadyOrder(body: string): string {
  if (!body.startsWith('{"kind":"IPAddressList"')) return body
  const list = JSON.parse(body) as { readonly items: readonly { readonly spec?: { readonly parentRef?: unknown } }[] }
  const owner = (item: (typeof list.items)[number]) => JSON.stringify(item.spec?.parentRef ?? null)
  return JSON.stringify({ ...list, items: list.items.toSorted((a, b) => (owner(a) < owner(b) ? -1 : 1)) })
}

export function masked(text: string): string {
  return replacements.reduce((result, [pattern, word]) => result.replace(pattern, word), text)
}

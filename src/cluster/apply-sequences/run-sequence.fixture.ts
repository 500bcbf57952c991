import { jsonClone } from '../../machinery/json.ts'
import type { Sequence } from './step.fixture.ts'

/** Sends one request and answers with the status and body, whatever they are. */
export type Send = (request: {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly contentType: string
  readonly body?: unknown
}) => Promise<{ readonly status: number; readonly body: unknown }>

type Members = Record<string, unknown>

/** The answers to a sequence, without what differs from server to server. */
export async function runSequence({ steps }: Sequence, send: Send): Promise<unknown[]> {
  const answers: unknown[] = []
  let last: Members = {}
  for (const { method, path, manager, contentType = 'application/json', query, body, change } of steps) {
    let sent = body
    if (change !== undefined) {
      const draft = jsonClone(last) as Members
      change(draft as never)
      sent = draft
    }
    const answer = await send({
      method,
      path,
      contentType,
      query: { ...query, ...(manager !== undefined && { fieldManager: manager }) },
      body: sent,
    })
    if (answer.status < 300 && isObject(answer.body)) last = jsonClone(answer.body) as Members
    // As JSON has it: without members that are undefined.
    answers.push([answer.status, steady(JSON.parse(JSON.stringify(answer.body)))])
  }
  return answers
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const changing = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'time', 'selfLink', 'deletionTimestamp'])

/** In one second or in two: the order of managers depends on it, so it is not compared. */
function steady(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    if (name === 'message')
      return value
        .split(/\n| with /)
        .sort()
        .map((line) => steady(line))
    return value.replaceAll(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME').replaceAll(/ at TIME/g, '')
  }
  if (Array.isArray(value)) {
    // Upstream goes through a map of managers, in any order.
    if (name === 'causes') return value.map((item) => JSON.stringify(steady(item))).sort()
    const items = value.map((item) => steady(item))
    return name === 'managedFields' ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items
  }
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .filter((member) => !changing.has(member))
      .map((member) => [member, steady(value[member], member)]),
  )
}

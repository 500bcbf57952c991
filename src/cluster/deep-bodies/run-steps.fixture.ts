import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type AskedServer, exchange } from '../../apiserver/malformed-bodies/ask.fixture.ts'
import type { Pki } from '../../apiserver/pki/pki.ts'
import { scanJson } from '../../machinery/codec/json/scan.ts'
import { definitionStep, servedPath, steps, type Step } from './steps.fixture.ts'

export interface Answer {
  readonly code: number
  /** Of a refusal; long ones cut. */
  readonly message?: string
  /** How deep the answer nests, where it is JSON. */
  readonly levels?: number
}
export type Answers = ReadonlyMap<string, Answer>

export const answersFile = join(import.meta.dirname, 'answers.jsonl')

/** What kube-apiserver v1.37.1 answers to each; see deep-bodies.integration.test.ts. */
export function upstreamAnswers(): Answers {
  const lines = readFileSync(answersFile, 'utf8').trim().split('\n')
  return new Map(lines.map((line) => JSON.parse(line) as [string, Answer]))
}

/** Makes the definition, waits until it is served, then takes every step. */
export async function runSteps(port: number, pki: Pki): Promise<Answers> {
  const { certificatePem: cert, privateKeyPem: key } = pki.admin()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const server = { host: '127.0.0.1', port, ca: pki.clusterAuthority.certificatePem, cert, key, agent }
  await send(server, { name: '', method: 'POST', path: '/api/v1/namespaces', body: '{"metadata":{"name":"default"}}' })
  const made = await send(server, definitionStep)
  if (made.code !== 201) throw new Error(`the definition is refused: ${made.message}`)
  while ((await send(server, { name: '', method: 'GET', path: servedPath })).code !== 200) await pause(20)
  const answers = new Map<string, Answer>()
  for (const step of steps) answers.set(step.name, await send(server, step))
  agent.destroy()
  return answers
}

async function send(server: AskedServer, { method, path, contentType, accept, body = '' }: Step): Promise<Answer> {
  const headers = { 'content-type': contentType ?? 'application/json', accept: accept ?? 'application/json' }
  const { code, text } = await exchange(server, { method, path, headers, body: Buffer.from(body) })
  return answerOf(code, text)
}

function answerOf(code: number, text: string): Answer {
  if (code < 400) return text.startsWith('{') ? { code, levels: scanJson(text).depth } : { code }
  const { message = '' } = text.startsWith('{') ? (JSON.parse(text) as { message?: string }) : { message: text }
  return { code, message: message.length > 400 ? `${message.slice(0, 200)} … ${message.slice(-200)}` : message }
}

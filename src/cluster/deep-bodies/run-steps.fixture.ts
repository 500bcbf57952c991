import { readFileSync } from 'node:fs'
import { Agent, request, type RequestOptions } from 'node:https'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
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

function send(server: RequestOptions, { method, path, contentType, accept, body = '' }: Step): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': contentType ?? 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: accept ?? 'application/json',
    }
    const sent = request({ ...server, method, path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(answerOf(response.statusCode!, Buffer.concat(chunks).toString())))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function answerOf(code: number, text: string): Answer {
  if (code < 400) return text.startsWith('{') ? { code, levels: scanJson(text).depth } : { code }
  const { message = '' } = text.startsWith('{') ? (JSON.parse(text) as { message?: string }) : { message: text }
  return { code, message: message.length > 400 ? `${message.slice(0, 200)} … ${message.slice(-200)}` : message }
}

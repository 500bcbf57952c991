import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from './ask.fixture.ts'

export const answersFile = join(import.meta.dirname, 'answers.jsonl')

/** What kube-apiserver v1.37.1 answers to each; see cluster/handover/malformed-bodies.integration.test.ts. */
export function upstreamAnswers(): ReadonlyMap<string, Answer> {
  const lines = readFileSync(answersFile, 'utf8').trim().split('\n')
  return new Map(lines.map((line) => JSON.parse(line) as readonly [string, Answer]))
}

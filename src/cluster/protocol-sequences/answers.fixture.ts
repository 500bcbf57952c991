import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile, Told } from './exchange.fixture.ts'

const file = join(import.meta.dirname, 'answers.jsonl')

/** What kube-apiserver v1.37.1 answers, by profile and sequence; see protocol-sequences.integration.test.ts. */
export function upstreamAnswers(): ReadonlyMap<string, readonly Told[]> {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return new Map(lines.map((line) => JSON.parse(line) as [string, Told[]]))
}

export function keepAnswers(answers: ReadonlyMap<string, readonly Told[]>): void {
  writeFileSync(file, [...answers].map((answer) => `${JSON.stringify(answer)}\n`).join(''))
}

export const keyOf = (profile: Profile, name: string): string => `${profile.name}: ${name}`

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import type { Profile, Told } from './exchange.fixture.ts'

const file = join(import.meta.dirname, 'answers.br')

/** What kube-apiserver v1.37.1 answers, by profile and sequence; see protocol-sequences.integration.test.ts. */
export function upstreamAnswers(): ReadonlyMap<string, readonly Told[]> {
  const text = brotliDecompressSync(readFileSync(file)).toString()
  return new Map(JSON.parse(text) as [string, Told[]][])
}

export function keepAnswers(answers: ReadonlyMap<string, readonly Told[]>): void {
  writeFileSync(file, brotliCompressSync(JSON.stringify([...answers])))
}

export const keyOf = (profile: Profile, name: string): string => `${profile.name}: ${name}`

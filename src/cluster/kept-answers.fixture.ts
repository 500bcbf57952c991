import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'

/** What upstream answered when it was asked, by name, packed in one file. */
export function readKeptAnswers<Answer>(file: string): ReadonlyMap<string, Answer> {
  return new Map(JSON.parse(brotliDecompressSync(readFileSync(file)).toString()) as [string, Answer][])
}

export function writeKeptAnswers<Answer>(file: string, answers: ReadonlyMap<string, Answer>): void {
  writeFileSync(file, brotliCompressSync(JSON.stringify([...answers])))
}

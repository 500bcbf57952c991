import { join } from 'node:path'
import { readKeptAnswers, writeKeptAnswers } from '../kept-answers.fixture.ts'
import { randomSequence } from './random.fixture.ts'
import { sequences } from './sequences.fixture.ts'
import type { Sequence } from './step.fixture.ts'

/** The sequences whose answers are kept. */
export const kept: readonly Sequence[] = [
  ...sequences,
  ...[1, 2, 3, 4, 5, 6].flatMap((seed) => [randomSequence(seed, 'Thing', 8), randomSequence(seed, 'Deployment', 8)]),
]

const file = join(import.meta.dirname, 'answers.br')

/** What kube-apiserver v1.37.1 answers to each, by name; see apply-sequences.integration.test.ts. */
export const upstreamAnswers = (): ReadonlyMap<string, readonly unknown[]> => readKeptAnswers(file)

export const keepAnswers = (answers: ReadonlyMap<string, readonly unknown[]>): void => writeKeptAnswers(file, answers)

import { join } from 'node:path'
import { readKeptAnswers, writeKeptAnswers } from '../kept-answers.fixture.ts'
import type { Told } from '../protocol-sequences/exchange.fixture.ts'

const file = join(import.meta.dirname, 'answers.br')

/** What kube-apiserver v1.37.1 answers, by profile and sequence; see stream-sequences.integration.test.ts. */
export const upstreamAnswers = (): ReadonlyMap<string, readonly Told[]> => readKeptAnswers(file)

export const keepAnswers = (answers: ReadonlyMap<string, readonly Told[]>): void => writeKeptAnswers(file, answers)

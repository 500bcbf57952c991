import { join } from 'node:path'
import { readKeptAnswers, writeKeptAnswers } from '../kept-answers.fixture.ts'
import type { WireTold } from './exchange.fixture.ts'

const file = join(import.meta.dirname, 'answers.br')

/** What kube-apiserver v1.37.1 answers, by case; see wire-exchanges.integration.test.ts. */
export const upstreamAnswers = (): ReadonlyMap<string, WireTold> => readKeptAnswers(file)

export const keepAnswers = (answers: ReadonlyMap<string, WireTold>): void => writeKeptAnswers(file, answers)

import { allStored, type StoredExpressions } from '../../../../../machinery/schema/expressions/compile-rules.ts'

/** What is asked of a schema; an update does not ask for what the old definition does not have either. */
export interface SchemaStrictness {
  readonly structural: boolean
  readonly knownTypes: boolean
  readonly prunedDefaults: boolean
  /** The items of sets are atomic. */
  readonly atomicSetItems: boolean
  /** The keys of maps are there and are not null, nor are items of sets and maps. */
  readonly completeKeys: boolean
  readonly stored: StoredExpressions
  /** No rule may cost more than a limit. */
  readonly ruleCosts: boolean
}

export const strictSchema: SchemaStrictness = {
  structural: true,
  knownTypes: true,
  prunedDefaults: true,
  atomicSetItems: true,
  completeKeys: true,
  stored: { ...allStored, isStoredRule: () => false, isStoredMessage: () => false },
  ruleCosts: true,
}

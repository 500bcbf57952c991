import type { Condition, StorageVersionMigration } from '../../api/types.generated.ts'

export type MigrationState = 'Running' | 'Succeeded' | 'Failed'

export function isTrue({ status }: StorageVersionMigration, type: MigrationState): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')
}

export const isTerminal = (migration: StorageVersionMigration): boolean =>
  isTrue(migration, 'Succeeded') || isTrue(migration, 'Failed')

/** With the condition; the time of a transition stays when its status does (apimachinery meta.SetStatusCondition). */
export function withCondition(
  migration: StorageVersionMigration,
  condition: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): StorageVersionMigration {
  const conditions = migration.status?.conditions ?? []
  const before = conditions.find(({ type }) => type === condition.type)
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now
  const made = { ...before, ...condition, lastTransitionTime } as Condition
  const next =
    before === undefined ? [...conditions, made] : conditions.map((one) => (one.type === made.type ? made : one))
  return { ...migration, status: { ...migration.status, conditions: next } }
}

/** How far a migration is (pkg/controller/storageversionmigrator/util.go). */
export function runningMessage(remaining: number, total: number, passing?: string): string {
  const progress =
    total === 0
      ? ''
      : remaining > 0
        ? `, ${remaining}/${total} objects not yet migrated`
        : `, ${total} objects verified migrated`
  return `The migration is running${progress}${passing === undefined ? '' : `; transient error: ${passing}`}`
}

/** Of several migrations of a resource: which are to be closed, and which begins next when none runs. */
export function nextOf(migrations: readonly StorageVersionMigration[]): {
  readonly toClose: readonly StorageVersionMigration[]
  readonly running: StorageVersionMigration | undefined
  readonly toStart: StorageVersionMigration | undefined
} {
  const running = migrations.find((migration) => isTrue(migration, 'Running') && !isTerminal(migration))
  const waiting = migrations.filter((migration) => !isTrue(migration, 'Running') && !isTerminal(migration))
  const oldest = waiting.toSorted((left, right) => (age(left) < age(right) ? -1 : 1))[0]
  return {
    toClose: migrations.filter((migration) => isTrue(migration, 'Running') && isTerminal(migration)),
    running,
    toStart: running === undefined ? oldest : undefined,
  }
}

const age = ({ metadata }: StorageVersionMigration): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`

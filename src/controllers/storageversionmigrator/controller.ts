import { storageVersionMigrations } from '../../api/storagemigration/v1/storage-version-migration.ts'
import type { StorageVersionMigration } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { discover, type ServedResource } from '../../client/discovery.ts'
import { type Clock, formatTime } from '../../machinery/clock.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { isTrue, nextOf, runningMessage, withCondition } from './conditions.ts'
import { tellDefinition } from './custom-resources.ts'
import { migrate } from './migrate.ts'

const name = 'storage-version-migrator-controller'
const neededVerbs = ['update', 'patch', 'list'] as const
/** A resource that is not served may come: so long after the migration was asked for it is waited for. */
const patienceMs = 60_000

/**
 * Writes all objects of a resource anew on demand, so that they lie in the store in the version, and by the key, that is
 * used now (pkg/controller/storageversionmigrator, KEP-4192). Of one resource one migration runs at a time, the oldest first.
 */
export const storageVersionMigrator = defineSync({
  name,
  setup({ client, informers, clock, log }) {
    const migrations = informers.for(storageVersionMigrations)
    const keyOf = ({ spec }: StorageVersionMigration) =>
      `${spec?.resource?.group ?? ''}/${spec?.resource?.resource ?? ''}`
    return {
      ready: (signal) => migrations.whenSynced(signal),
      watch: (queue) =>
        migrations.subscribe({
          added: (migration) => queue.add(keyOf(migration)),
          updated: (migration) => queue.add(keyOf(migration)),
          deleted: (migration) => queue.add(keyOf(migration)),
        }),
      async sync(key) {
        const { toClose, running, toStart } = nextOf(migrations.list().filter((one) => keyOf(one) === key))
        const worker = new MigrationWorker(client, clock)
        for (const migration of toClose) await worker.close(migration)
        if (toStart !== undefined) await worker.start(toStart)
        if (running !== undefined) await worker.advance(running)
        log.debug('looked at storage version migrations', { resource: key })
      },
    }
  },
})

class MigrationWorker {
  readonly #client: Client
  readonly #clock: Clock
  constructor(client: Client, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  get #now(): string {
    return formatTime(this.#clock.now())
  }

  async start(migration: StorageVersionMigration): Promise<void> {
    await tellDefinition(this.#client, resourceOf(migration), { running: migration.metadata.name! }, this.#now)
    await this.#update(this.#running(migration, runningMessage(0, 0)))
  }

  async close(migration: StorageVersionMigration): Promise<void> {
    const succeeded = isTrue(migration, 'Succeeded')
    await tellDefinition(this.#client, resourceOf(migration), { succeeded }, this.#now)
    const condition = {
      type: 'Running',
      status: 'False',
      reason: 'MigrationCompleted',
      message: 'Migration completed',
      observedGeneration: migration.metadata.generation,
    } as const
    await this.#update(withCondition(migration, condition, this.#now))
  }

  /** Fixes the revision up to which objects are migrated, then migrates them. */
  async advance(migration: StorageVersionMigration): Promise<void> {
    const served = await this.#served(migration)
    if (served === undefined) return
    const revision = migration.status?.resourceVersion
    if (!revision) {
      const { metadata } = await this.#client.list(served, { limit: 1 })
      await this.#update({
        ...migration,
        status: { ...migration.status, resourceVersion: metadata.resourceVersion },
      })
      return
    }
    const outcome = await migrate(this.#client, served, revision, name)
    switch (outcome.type) {
      case 'done':
        await this.#update(
          this.#with(
            this.#running(migration, runningMessage(0, outcome.total)),
            'Succeeded',
            'StorageVersionMigrationSucceeded',
            'Migration completed',
          ),
        )
        return
      case 'interrupted': {
        const { remaining, total, error } = outcome
        await this.#update(this.#running(migration, runningMessage(remaining, total, error.message)))
        throw error
      }
      case 'failed': {
        const { remaining, total, error } = outcome
        const told = this.#running(migration, runningMessage(remaining, total))
        const why = `${remaining}/${total} not yet migrated. migration encountered unhandled error: ${error.message}`
        await this.#update(this.#with(told, 'Failed', 'StorageVersionMigrationFailed', why))
      }
    }
  }

  /** Undefined when the migration failed for the lack of it. Rejects while it may still come. */
  async #served(migration: StorageVersionMigration): Promise<ServedResource | undefined> {
    const wanted = resourceOf(migration)
    const { resources } = await discover(this.#client.transport)
    const served = resources.find(({ group, resource }) => group === wanted.group && resource === wanted.resource)
    if (served === undefined) {
      const askedAt = Date.parse(migration.metadata.creationTimestamp ?? '')
      if (askedAt + patienceMs > this.#clock.now())
        throw new Error('resource does not exist in our rest mapper, requeuing to attempt again')
      return this.#fail(migration, 'resource does not exist in discovery')
    }
    if (neededVerbs.every((verb) => served.verbs.includes(verb))) return served
    const shown = `${served.group}/${served.version}, Resource=${served.resource}`
    const why = `resource "${shown}" does not support discovery operations: [${neededVerbs.join(' ')}]`
    return this.#fail(migration, why)
  }

  async #fail(migration: StorageVersionMigration, why: string): Promise<undefined> {
    await this.#update(this.#with(migration, 'Failed', 'StorageVersionMigrationFailed', why))
    return undefined
  }
  #running(migration: StorageVersionMigration, message: string): StorageVersionMigration {
    return this.#with(migration, 'Running', 'MigrationRunning', message)
  }
  #with(
    migration: StorageVersionMigration,
    type: 'Running' | 'Succeeded' | 'Failed',
    reason: string,
    message: string,
  ): StorageVersionMigration {
    return withCondition(migration, { type, status: 'True', reason, message }, this.#now)
  }
  async #update(migration: StorageVersionMigration): Promise<void> {
    await this.#client.update(storageVersionMigrations, migration, { subresource: 'status' })
  }
}

function resourceOf({ spec }: StorageVersionMigration): { readonly group: string; readonly resource: string } {
  return { group: spec?.resource?.group ?? '', resource: spec?.resource?.resource ?? '' }
}

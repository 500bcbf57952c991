import { apiServices } from '../../api/apiregistration/v1/api-service.ts'
import { customResourceDefinitions } from '../../api/apiextensions/v1/custom-resource-definition.ts'
import type { APIService } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { WorkQueue } from '../../client/work-queue.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Lister } from '../lister.ts'
import { builtInPriority, customPriority, type Priority } from './priorities.ts'

/** Of those that this server keeps itself. */
export const managedLabel = 'kube-aggregator.kubernetes.io/automanaged'

interface Wanted {
  readonly group: string
  readonly version: string
  readonly priority: Priority
  /** Built-in versions are set right once, at the start; those of custom resources always. */
  readonly managed: 'onstart' | 'true'
}

/**
 * Keeps an APIService for each group version that this server serves itself: what is built in, and what custom resources
 * declare (kube-aggregator pkg/controllers/autoregister, pkg/controlplane/controller/crdregistration). One that an
 * administrator has made, without the label, stays as it is.
 */
export function createLocalApiServices(options: {
  readonly lister: Lister
  readonly client: Client
  readonly builtIn: readonly { readonly group: string; readonly version: string }[]
  readonly clock: Clock
  readonly log: Logger
}): Component {
  const { lister, client, log } = options
  const queue = new WorkQueue<string>({ clock: options.clock })
  const builtIn = new Map<string, Wanted>()
  for (const { group, version } of options.builtIn) {
    const priority = builtInPriority(group, version)
    if (priority) builtIn.set(`${version}.${group}`, { group, version, priority, managed: 'onstart' })
  }
  const pending = new Set(builtIn.keys())
  const stops: (() => void)[] = []
  let worker: Promise<void> = Promise.resolve()

  function ofCustomResources(name: string): Wanted | undefined {
    for (const { spec } of lister.list(customResourceDefinitions)) {
      const found = spec.versions.find((version) => version.served && `${version.name}.${spec.group}` === name)
      if (found) return { group: spec.group, version: found.name, priority: customPriority, managed: 'true' }
    }
    return undefined
  }

  async function sync(name: string): Promise<void> {
    const current = lister.get(apiServices, '', name)
    const label = current?.metadata.labels?.[managedLabel]
    if (current !== undefined && label !== 'onstart' && label !== 'true') return
    const first = pending.delete(name)
    const wanted = builtIn.get(name) ?? ofCustomResources(name)
    if (wanted === undefined) {
      if (current === undefined) return
      await client.delete(apiServices, { name }, { preconditions: { uid: current.metadata.uid } })
      return
    }
    if (wanted.managed === 'onstart' && !first) return
    const { group, version, priority, managed } = wanted
    const spec: APIService['spec'] = {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: priority.group,
      versionPriority: priority.version,
    }
    const labels = { [managedLabel]: managed }
    if (current === undefined) {
      await client.create(apiServices, { metadata: { name, labels }, spec } as unknown as APIService)
      return
    }
    if (label === managed && jsonEqual(current.spec, spec)) return
    const { metadata } = current
    await client.update(apiServices, {
      ...current,
      metadata: { ...metadata, labels: { ...metadata.labels, ...labels } },
      spec,
    })
  }

  async function work(): Promise<void> {
    for (let name = await queue.next(); name !== undefined; name = await queue.next()) {
      const fresh = pending.has(name)
      try {
        await sync(name)
        queue.forget(name)
      } catch (error) {
        if (fresh) pending.add(name)
        if (!isReason(error, 'NotFound', 'Conflict', 'AlreadyExists'))
          log.warn('an APIService could not be registered', { name, error })
        queue.addRateLimited(name)
      } finally {
        queue.done(name)
      }
    }
  }

  return {
    name: 'local-api-services',
    async start() {
      for (const name of builtIn.keys()) queue.add(name)
      stops.push(
        lister.watch(apiServices, ({ object }) => queue.add(object.metadata.name ?? '')),
        lister.watch(customResourceDefinitions, ({ object, old }) => {
          for (const { spec } of old === undefined ? [object] : [object, old])
            for (const version of spec.versions) queue.add(`${version.name}.${spec.group}`)
        }),
      )
      worker = work()
    },
    async stop() {
      for (const stop of stops) stop()
      queue.close()
      await worker
    },
  }
}

import { customResourceDefinitions } from '../../api/apiextensions/v1/custom-resource-definition.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import type { CustomResourceDefinition } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { WorkQueue } from '../../client/work-queue.ts'
import { formatTime, sleep, type Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Lister } from '../lister.ts'
import { cleanupFinalizer } from './crd-hooks.ts'
import { crdCondition, isEstablished, crdStatus, withCondition } from './crd-status.ts'
import type { ConvertRemotely } from './custom-form.ts'
import type { RuleMetrics } from './rule-metrics.ts'
import { customKinds } from './custom-resource.ts'

export interface CrdControllerOptions {
  readonly lister: Lister
  /** Writes as the server itself. */
  readonly client: Client
  /** Begins to serve a kind, or serves it anew when it changed. */
  readonly serve: (definition: ResourceDefinition, all: readonly ResourceDefinition[]) => void
  readonly withdraw: (definition: ResourceDefinition) => void
  /** Asks conversion webhooks. */
  readonly convert: ConvertRemotely
  readonly metrics?: RuleMetrics
  readonly clock: Clock
  readonly log: Logger
}

/** Their objects lie in the store where those of a definition of that name would (crd_finalizer.go). */
const overlapping: ReadonlySet<string> = new Set([
  'apiservices.apiregistration.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
])
const cleanupPollMs = 100
const cleanupTimeoutMs = 60_000

/**
 * Turns CustomResourceDefinitions into kinds that are served: accepts names, establishes, follows changes, and empties
 * what is deleted (apiextensions pkg/controller/{status,establish,finalizer}, pkg/apiserver/customresource_handler.go).
 */
export function createCrdController(options: CrdControllerOptions): Component {
  const { lister, client, clock, log } = options
  const queue = new WorkQueue<string>({ clock })
  const served = new Map<string, { spec: unknown; names: unknown; kinds: readonly ResourceDefinition[] }>()
  const stopping = new AbortController()
  let stopWatch = () => {}
  let worker: Promise<void> = Promise.resolve()

  const now = () => formatTime(clock.now())
  const updateStatus = (crd: CustomResourceDefinition) =>
    client.update(customResourceDefinitions, crd, { subresource: 'status' })

  const isTerminating = (name: string): boolean => {
    const crd = lister.get(customResourceDefinitions, '', name)
    return crd !== undefined && crdCondition(crd, 'Terminating')?.status === 'True'
  }

  function withdraw(name: string): void {
    for (const kind of served.get(name)?.kinds ?? []) options.withdraw(kind)
    served.delete(name)
  }

  function serve(name: string, crd: CustomResourceDefinition): void {
    const before = served.get(name)
    if (before && jsonEqual(before.spec, crd.spec) && jsonEqual(before.names, crd.status?.acceptedNames)) return
    const kinds = customKinds(crd, options.convert, () => isTerminating(name), options.metrics)
    for (const old of before?.kinds ?? [])
      if (!kinds.some((kind) => kind.version === old.version && kind.resource === old.resource)) options.withdraw(old)
    for (const kind of kinds) options.serve(kind, kinds)
    served.set(name, { spec: crd.spec, names: crd.status?.acceptedNames, kinds })
    log.info('serving custom resource', { crd: name, versions: kinds.map((kind) => kind.version).join(',') })
  }

  /** Deletes every object of the kind and waits until none is left. False: some still have finalizers. */
  async function empty(crd: CustomResourceDefinition): Promise<boolean> {
    const kind = served.get(crd.metadata.name ?? '')?.kinds[0]
    if (kind === undefined) return true
    const deadline = clock.monotonic() + cleanupTimeoutMs
    for (;;) {
      const { items } = await client.list(kind)
      if (items.length === 0) return true
      if (clock.monotonic() > deadline) return false
      const waiting = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      await Promise.all(
        waiting.map(({ metadata }) =>
          client.delete(kind, { namespace: metadata.namespace, name: metadata.name ?? '' }).catch((error: unknown) => {
            if (!isReason(error, 'NotFound', 'Conflict')) throw error
          }),
        ),
      )
      await sleep(clock, cleanupPollMs, stopping.signal)
    }
  }

  async function finalize(crd: CustomResourceDefinition): Promise<void> {
    const terminating = (
      of: CustomResourceDefinition,
      status: 'True' | 'False',
      reason: string,
      message: string,
    ): CustomResourceDefinition => ({
      ...of,
      status: {
        ...of.status,
        conditions: withCondition(of.status?.conditions, { type: 'Terminating', status, reason, message }, now()),
      },
    })
    let current = await updateStatus(
      terminating(crd, 'True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress'),
    )
    let ended: readonly [reason: string, message: string]
    if (overlapping.has(`${current.spec.names.plural}.${current.spec.group}`)) {
      // What lies there in the store is not the definition's.
      ended = ['OverlappingBuiltInResource', 'instances overlap with built-in resources in storage']
    } else if (!isEstablished(current)) ended = ['NeverEstablished', 'resource was never established']
    else {
      serve(crd.metadata.name ?? '', current)
      if (!(await empty(current))) {
        await updateStatus({
          ...current,
          status: terminating(
            crd,
            'True',
            'InstanceDeletionCheck',
            'could not confirm zero CustomResources remaining: timed out waiting for the condition',
          ).status,
        })
        throw new Error(`objects of ${crd.metadata.name} remain`)
      }
      ended = ['InstanceDeletionCompleted', 'removed all instances']
    }
    current = await client.get(customResourceDefinitions, { name: crd.metadata.name ?? '' })
    const finalizers = current.metadata.finalizers?.filter((finalizer) => finalizer !== cleanupFinalizer)
    const last = terminating(current, 'False', ...ended)
    await updateStatus({ ...last, metadata: { ...last.metadata, finalizers } })
  }

  /** Names have become free: whoever wanted them may have them now. */
  function requeueUnaccepted(): void {
    for (const crd of lister.list(customResourceDefinitions))
      if (crdCondition(crd, 'NamesAccepted')?.status !== 'True') queue.add(crd.metadata.name ?? '')
  }

  async function sync(name: string): Promise<void> {
    const crd = lister.get(customResourceDefinitions, '', name)
    if (crd === undefined) {
      withdraw(name)
      requeueUnaccepted()
      return
    }
    if (crd.metadata.deletionTimestamp !== undefined) {
      if (crd.metadata.finalizers?.includes(cleanupFinalizer)) await finalize(crd)
      return
    }
    const named = crdStatus(crd, lister.list(customResourceDefinitions), now())
    // Served before it says so: whoever waits for Established finds it there.
    if (isEstablished(named)) serve(name, named)
    if (named === crd) return
    await updateStatus(named)
    if (!jsonEqual(named.status?.acceptedNames, crd.status?.acceptedNames)) requeueUnaccepted()
  }

  async function work(): Promise<void> {
    for (let name = await queue.next(); name !== undefined; name = await queue.next()) {
      try {
        await sync(name)
        queue.forget(name)
      } catch (error) {
        if (!stopping.signal.aborted && !isReason(error, 'NotFound', 'Conflict'))
          log.warn('custom resource definition failed', { crd: name, error })
        queue.addRateLimited(name)
      } finally {
        queue.done(name)
      }
    }
  }

  return {
    name: 'crd-controller',
    async start() {
      // What was established before is served at once, so that its clients find it as soon as the server answers.
      for (const crd of lister.list(customResourceDefinitions))
        if (isEstablished(crd)) serve(crd.metadata.name ?? '', crd)
      stopWatch = lister.watch(customResourceDefinitions, ({ object }) => queue.add(object.metadata.name ?? ''))
      worker = work()
    },
    async stop() {
      stopping.abort(new Error('stopping'))
      stopWatch()
      queue.close()
      await worker
    },
  }
}

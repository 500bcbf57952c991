import { defineSync } from '../runtime/define-sync.ts'
import { AbsentOwners } from './absent-owners.ts'
import { Collector, UnknownKind } from './collector.ts'
import { DependencyGraph } from './graph.ts'
import { Monitors } from './monitors.ts'
import { ServedKinds } from '../runtime/served-kinds.ts'

/**
 * Garbage collector: deletes what has lost all its owners, in the foreground or background, or sets dependents free.
 * Keys are `delete/UID` and `orphan/UID`.
 */
export const garbageCollector = defineSync({
  name: 'generic-garbage-collector',
  eventSource: 'garbage-collector-controller',
  workers: 20,
  setup(context) {
    const kinds = new ServedKinds()
    const absent = new AbsentOwners()
    let attempt: (key: string) => void = () => {}
    let attemptLater: (key: string) => void = () => {}
    const graph: DependencyGraph = new DependencyGraph({
      attemptToDelete: (uid) => attempt(`delete/${uid}`),
      attemptToDeleteLater: (uid) => attemptLater(`delete/${uid}`),
      attemptToOrphan: (uid) => attempt(`orphan/${uid}`),
      ownerIsAbsent: (identity) => absent.add(identity),
      invalidNamespace: ({ identity }, { apiVersion, kind, name, uid }) => {
        const { namespace } = identity
        const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
        const message = `ownerRef ${owner} does not exist in namespace "${namespace}"`
        context.recorder.event(identity, 'Warning', 'OwnerRefInvalidNamespace', message)
      },
    })
    const enqueue = (uid: string) => attempt(`delete/${uid}`)
    const collector = new Collector({ context, graph, absent, kinds, enqueue })
    const monitors = new Monitors(context, graph, kinds)
    return {
      ready: (signal) => monitors.start(signal),
      stop: () => monitors.stop(),
      pace: { perSecond: 100, burst: 100 },
      watch(queue) {
        attempt = (key) => queue.add(key)
        attemptLater = (key) => queue.addRateLimited(key)
        return () => {
          attempt = attemptLater = () => {}
        }
      },
      async sync(key) {
        const [verb, uid = ''] = key.split('/')
        try {
          if (verb === 'orphan') return await collector.attemptToOrphan(uid)
          return { retry: (await collector.attemptToDelete(uid)) === 'again' }
        } catch (error) {
          if (!(error instanceof UnknownKind)) throw error
          context.log.debug(error.message, { uid })
          monitors.refresh()
          return { retry: true }
        }
      },
    }
  },
})

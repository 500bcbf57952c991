import type { ComponentAnswer, ComponentProbes } from '../apiserver/registry/component-status.ts'
import type { Store } from '../store/store.ts'

/** Where upstream's parts, and ours by themselves, tell of their health. */
const ports = { 'controller-manager': 10257, scheduler: 10259 } as const

export type Workers = keyof typeof ports

/**
 * How `kubectl get componentstatuses` finds out. `workers`: those in this process, and whether they work; others are asked
 * on this machine, as upstream's API server does.
 */
export function componentProbes(store: Store, workers?: (name: Workers) => boolean): ComponentProbes {
  const worker = (name: Workers) => async (): Promise<ComponentAnswer> => {
    if (workers !== undefined)
      return workers(name) ? { healthy: true, message: 'ok' } : { healthy: false, message: 'it does not run yet' }
    const { probePart } = await import('../apiserver/connect/component-probe.ts')
    return probePart(ports[name])
  }
  return {
    'controller-manager': worker('controller-manager'),
    scheduler: worker('scheduler'),
    async 'etcd-0'() {
      try {
        await store.revision()
        return { healthy: true, message: 'ok' }
      } catch (error) {
        return { healthy: false, message: (error as Error).message }
      }
    },
  }
}

import { horizontalPodAutoscalers } from '../../api/autoscaling/v2/horizontal-pod-autoscaler.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { HorizontalPodAutoscaler, Pod } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Selector } from '../../machinery/labels/selector.ts'
import { controllerMetrics } from '../runtime/controller-metrics.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { KindLookup } from '../runtime/kind-lookup.ts'
import { reconcileAutoscaler } from './autoscaler.ts'
import { MetricsClient } from './metrics-client.ts'
import { ScaleHistory } from './scale-history.ts'

/** --horizontal-pod-autoscaler-sync-period. */
const syncMs = 15_000

/** pkg/controller/podautoscaler/metrics */
const counted = controllerMetrics((registry) => {
  /** Of the controller that runs. */
  let read = () => 0
  const name = 'horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers'
  registry.collect(name, 'HorizontalPodAutoscalers there are.', 'gauge', [], () => [[[], read()]])
  return (count: () => number) => void (read = count)
})

/** HorizontalPodAutoscaler: scales workloads by what their pods use (pkg/controller/podautoscaler). */
export const podAutoscalerController = defineSync({
  name: 'horizontal-pod-autoscaler',
  setup(context) {
    const { client, informers, recorder, clock, log } = context
    const [all, allPods] = [informers.for(horizontalPodAutoscalers), informers.for(pods)]
    counted(context)(() => all.list().length)
    const kinds = new KindLookup(client.transport, clock)
    const resourceOf = (apiVersion: string, kind: string) => kinds.find(apiVersion, kind)
    const metrics = new MetricsClient(client.transport, resourceOf)
    const histories = new Map<string, ScaleHistory>()
    const selectors = new Map<string, Selector>()
    const podsIn = (namespace: string, selector: Selector) =>
      allPods.byIndex('namespace', namespace).filter(({ metadata }) => selector.matches(metadata.labels))
    const rivals = (autoscaler: HorizontalPodAutoscaler, selector: Selector, selected: readonly Pod[]) => {
      const key = keyOf(autoscaler)
      selectors.set(key, selector)
      return all
        .byIndex('namespace', autoscaler.metadata.namespace ?? '')
        .map(keyOf)
        .filter((other) => {
          const theirs = other === key ? undefined : selectors.get(other)
          return theirs !== undefined && selected.some(({ metadata }) => theirs.matches(metadata.labels))
        })
    }

    return {
      ready: (signal) => Promise.all([all.whenSynced(signal), allPods.whenSynced(signal)]),
      async sync(key) {
        const autoscaler = all.get(key)
        if (autoscaler === undefined) {
          histories.delete(key)
          selectors.delete(key)
          return
        }
        const history = histories.get(key) ?? new ScaleHistory()
        histories.set(key, history)
        const now = clock.now()
        try {
          await reconcileAutoscaler({ client, metrics, recorder, resourceOf, podsIn, rivals, now }, autoscaler, history)
        } catch (error) {
          // What is wrong is told in conditions and events; the next round comes as ever.
          if (!isReason(error, 'Conflict')) log.debug('autoscaler could not be served', { key, error })
        }
        return { requeueAfterMs: syncMs }
      },
      watch(queue) {
        return all.subscribe({
          added: (autoscaler) => queue.add(keyOf(autoscaler)),
          // A change of the status is our own, and no reason to look again before it is time.
          updated: (autoscaler, old) => {
            if (autoscaler.metadata.generation !== old.metadata.generation) queue.add(keyOf(autoscaler))
          },
          deleted: (autoscaler) => queue.add(keyOf(autoscaler)),
        })
      },
    }
  },
})

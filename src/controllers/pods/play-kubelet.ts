import { namedNodes } from '../../api/core/v1/node-affinity.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Pod } from '../../api/types.generated.ts'
import type { FakeClient } from '../../client/fake/fake-client.ts'
import { type Clock, formatTime } from '../../machinery/clock.ts'
import type { ObjectKey } from '../../client/client.ts'

/**
 * Plays scheduler and kubelet for tests: places pods, starts them, ends those that are deleted. `becomes` says what a
 * pod turns into: ready by default; undefined leaves it pending for now.
 */
export async function playKubelet(
  client: FakeClient,
  clock: Clock,
  becomes: (pod: Pod) => 'ready' | 'running' | 'succeeded' | 'failed' | undefined = () => 'ready',
): Promise<void> {
  for (const pod of client.objects(pods)) {
    const key = pod.metadata as ObjectKey
    if (pod.metadata.deletionTimestamp) {
      if (!pod.metadata.finalizers?.length) await client.delete(pods, key, { gracePeriodSeconds: 0 })
      continue
    }
    const [nodeName = 'n1'] = namedNodes(pod) ?? []
    if (!pod.spec.nodeName) await client.patch(pods, key, 'merge', { spec: { nodeName } })
    const state = becomes(pod)
    if (state === undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue
    const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
    const phase = { ready: 'Running', running: 'Running', succeeded: 'Succeeded', failed: 'Failed' }[state]
    if (pod.status?.phase === phase && isReady === (state === 'ready')) continue
    const lastTransitionTime = formatTime(clock.now())
    const conditions = [{ type: 'Ready', status: state === 'ready' ? 'True' : 'False', lastTransitionTime }]
    await client.patch(pods, key, 'merge', { status: { phase, conditions } }, { subresource: 'status' })
  }
}

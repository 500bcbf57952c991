import type { Container, Pod } from '../../api/types.generated.ts'
import { endsAfter } from '../lifecycle/termination-order.ts'
import type { ObservedContainer, PodRuntime } from '../lifecycle/pod-runtime.ts'
import { type DeclaredContainer, findContainer } from '../pods/containers.ts'
import type { ExecutionContext } from './context.ts'
import { killContainer } from './kill-container.ts'

export interface KillPodRequest {
  readonly pod: Pod
  readonly runtime: PodRuntime
  readonly graceSeconds?: number
  /** It is being ended already: neither hooks nor events once more. */
  readonly again?: boolean
  /** Aborts the waiting of hooks and turns, when a shorter grace period comes in. */
  readonly signal?: AbortSignal
}

/** Ends all containers of a pod, side by side, sidecars last, then its sandboxes. Throws when one could not be ended. */
export async function killPod(context: ExecutionContext, request: KillPodRequest): Promise<void> {
  const { pod, runtime, graceSeconds, again, signal } = request
  const alive = runtime.containers.filter(
    ({ state }) => state === 'running' || state === 'unknown' || state === 'created',
  )
  const order = endsAfter(pod)
  const ends = new Map<string, { promise: Promise<void>; resolve: () => void }>()
  for (const { name } of alive) if (!ends.has(name)) ends.set(name, Promise.withResolvers<void>())
  const results = await Promise.allSettled(
    alive.map(async (container) => {
      const before = (order.get(container.name) ?? []).flatMap((name) => ends.get(name)?.promise ?? [])
      try {
        await killContainer(context, {
          pod,
          declared: declaredOrKnown(pod, container),
          container,
          podIP: runtime.ips[0] ?? '',
          graceSeconds,
          again,
          turn: before.length > 0 ? Promise.all(before) : undefined,
          signal,
        })
      } finally {
        ends.get(container.name)?.resolve()
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  const sandboxes = await Promise.allSettled(runtime.sandboxes.map(({ id }) => context.runtime.stopPodSandbox(id)))
  const failure = failed ?? sandboxes.find((result) => result.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}

/** A container that its pod does not declare (any more) is ended all the same. */
function declaredOrKnown(pod: Pod, { name }: ObservedContainer): DeclaredContainer {
  return findContainer(pod, name) ?? { kind: 'app', container: { name, resources: {} } satisfies Container }
}

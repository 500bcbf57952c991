import type { Pod } from '../../api/types.generated.ts'
import { containerMarks, labelNames } from '../containers/labels.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { Container } from '../runtimes/types.ts'

/** Pods that the runtime has and nobody knows, as far as their labels tell what they were. */
export async function orphanedPods(runtime: Runtime, isKnown: (uid: string) => boolean): Promise<readonly Pod[]> {
  const [sandboxes, containers] = await Promise.all([runtime.listPodSandboxes(), runtime.listContainers()])
  const found = new Map<string, Pod>()
  for (const { metadata } of sandboxes) {
    if (metadata.uid === '' || isKnown(metadata.uid)) continue
    const own = containers.filter(({ labels }) => labels[labelNames.podUid] === metadata.uid)
    found.set(metadata.uid, orphan(metadata, own))
  }
  return [...found.values()]
}

function orphan(metadata: { name: string; namespace: string; uid: string }, containers: readonly Container[]): Pod {
  const marks = containers.map(({ annotations }) => containerMarks(annotations))
  const names = new Set(containers.map(({ labels }) => labels[labelNames.containerName] ?? ''))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata },
    spec: {
      terminationGracePeriodSeconds: marks[0]?.terminationGracePeriodSeconds,
      containers: [...names].map((name, index) => ({
        name,
        resources: {},
        ...(marks[index]?.preStop && { lifecycle: { preStop: marks[index].preStop } }),
      })),
    },
    status: {},
  }
}

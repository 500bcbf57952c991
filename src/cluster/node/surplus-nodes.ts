import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Client } from '../../client/client.ts'
import { step, type Progress } from '../progress.ts'
import { nodeNumber } from '../settings.ts'

/**
 * Takes the nodes out of the cluster that it had when it was larger; their pods go with them. `destroy` ends what is left of
 * such a node on the host. Nodes that others have added are none of ours.
 */
export async function removeSurplusNodes(options: {
  readonly client: Client
  readonly count: number
  /** Names of nodes of which something is on the host. */
  readonly onHost: readonly string[]
  readonly destroy: (name: string) => Promise<void>
  readonly progress: Progress
}): Promise<void> {
  const { client, count, onHost, destroy, progress } = options
  const isSurplus = (name: string) => (nodeNumber(name) ?? 0) > count
  const known = (await client.list(nodes)).items.map(({ metadata }) => metadata.name ?? '').filter(isSurplus)
  for (const name of [...new Set([...known, ...onHost.filter(isSurplus)])].toSorted())
    await step(progress, `node ${name} removed`, async () => {
      await destroy(name)
      if (!known.includes(name)) return
      await client.delete(nodes, { name })
      // Nothing of them runs any more, which nobody knows as surely; the garbage collector would wait to see.
      const { items } = await client.list(pods, { fieldSelector: `spec.nodeName=${name}` })
      for (const { metadata } of items)
        await client.delete(
          pods,
          { namespace: metadata.namespace, name: metadata.name ?? '' },
          { gracePeriodSeconds: 0 },
        )
    })
}

import { createHash } from 'node:crypto'
import { pods } from '../../api/core/v1/pod.ts'
import type { Pod } from '../../api/types.generated.ts'
import { parseYamlDocuments } from '../../machinery/codec/yaml/parse-yaml.ts'
import { isObject, jsonClone } from '../../machinery/json.ts'
import { annotations } from '../pods/static-pods.ts'

/**
 * The pod of a manifest file, as this node runs it: its own name ends with the node's, its uid is a hash of the file
 * (upstream: pkg/kubelet/config/common.go). Throws when the file holds no pod.
 */
export function podOfManifest(text: string, path: string, nodeName: string, seen: string): Pod {
  const document = parseYamlDocuments(text)[0]?.value
  if (!isObject(document) || document['kind'] !== 'Pod' || document['apiVersion'] !== 'v1') {
    throw new Error(`${path} holds no pod`)
  }
  const draft = jsonClone(document as unknown as Pod)
  pods.rules.setDefaults?.(draft)
  const given = draft.metadata
  const uid = given.uid || createHash('md5').update(`${text}\nhost:${nodeName}\nfile:${path}`).digest('hex')
  const tolerations = [...(draft.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }]
  return {
    ...draft,
    metadata: {
      ...given,
      name: `${given.name}-${nodeName.toLowerCase()}`,
      namespace: given.namespace || 'default',
      uid,
      creationTimestamp: seen,
      annotations: {
        ...given.annotations,
        [annotations.hash]: uid,
        [annotations.seen]: seen,
        [annotations.source]: 'file',
      },
    },
    spec: { ...draft.spec, nodeName, tolerations },
    status: { phase: 'Pending' },
  } as Pod
}

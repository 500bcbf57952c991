import type { Container, Pod, Volume } from '../../../api/types.generated.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { Random } from '../../../machinery/random.ts'
import { projectedTokenSeconds } from '../../tokens/claims.ts'

const volumePrefix = 'kube-api-access-'
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The volume by which a pod reaches the API: token, authority, namespace. */
export function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: projectedTokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  }
}

/** Mounts it into every container that has nothing there; a volume of that name that is there already is used. */
export function mountToken({ spec }: Draft<Pod>, random: Random): void {
  const existing = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix))
  const name = existing?.name ?? `${volumePrefix}${random.suffix(5)}`
  let mounted = false
  const mount = (container: Draft<Container>) => {
    if (container.volumeMounts?.some((one) => one.mountPath === mountPath)) return
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }]
    mounted = true
  }
  for (const container of spec.initContainers ?? []) mount(container)
  for (const container of spec.containers ?? []) mount(container)
  if (mounted && existing === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name) as Draft<Volume>]
}

import type { Pod } from '../../api/types.generated.ts'
import { isHostNetwork } from '../pods/containers.ts'

/** What a pod is called inside (upstream: kubelet_pods.go, GeneratePodHostNameAndDomain). */
export interface PodHostname {
  readonly hostname: string
  /** Empty without a subdomain. */
  readonly domain: string
}

/** A kernel takes 64 bytes, one of which ends the text. */
const longest = 63

export function podHostname(pod: Pod, clusterDomain: string): PodHostname {
  const { spec, metadata } = pod
  if (spec.hostnameOverride !== undefined) return { hostname: truncate(spec.hostnameOverride), domain: '' }
  const hostname = truncate(spec.hostname || (metadata.name ?? ''))
  const domain = spec.subdomain ? `${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` : ''
  return { hostname, domain }
}

function truncate(hostname: string): string {
  return hostname.length <= longest ? hostname : hostname.slice(0, longest).replace(/[-.]+$/, '')
}

/** The hostname that the kernel gets: empty with the host's network, the full name where the pod asks for it. */
export function kernelHostname(pod: Pod, clusterDomain: string): string {
  if (isHostNetwork(pod)) return ''
  const { hostname, domain } = podHostname(pod, clusterDomain)
  if (domain === '' || pod.spec.setHostnameAsFQDN !== true) return hostname
  const full = `${hostname}.${domain}`
  if (full.length > longest + 1) {
    throw new Error(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (64 characters is the max, ${full.length} characters requested)`,
    )
  }
  return full
}

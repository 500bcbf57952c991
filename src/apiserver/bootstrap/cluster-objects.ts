import type { ConfigMap, Namespace, PriorityClass } from '../../api/types.generated.ts'
import { frontProxyHeaders } from '../authentication/front-proxy.ts'

/** Namespaces that are always there (pkg/controlplane/controller/systemnamespaces; default: the kubernetes service's). */
export const systemNamespaces: readonly Namespace[] = ['kube-system', 'kube-public', 'kube-node-lease', 'default'].map(
  (name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {}, status: {} }),
)

/** pkg/apis/scheduling/v1/helpers.go. */
export const systemPriorityClasses: readonly PriorityClass[] = [
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
]

/**
 * By which extension API servers know this server and its front proxy (pkg/controlplane/controller/
 * clusterauthenticationtrust).
 */
export function extensionAuthentication(options: {
  readonly clientAuthorityPem: string
  readonly frontProxyAuthorityPem: string
  readonly frontProxyNames: readonly string[]
}): ConfigMap {
  const list = (...values: readonly string[]) => JSON.stringify(values)
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'client-ca-file': options.clientAuthorityPem,
      'requestheader-allowed-names': list(...options.frontProxyNames),
      'requestheader-client-ca-file': options.frontProxyAuthorityPem,
      'requestheader-extra-headers-prefix': list(canonical(frontProxyHeaders.extraPrefix)),
      'requestheader-group-headers': list(canonical(frontProxyHeaders.group)),
      'requestheader-uid-headers': list(canonical(frontProxyHeaders.uid)),
      'requestheader-username-headers': list(canonical(frontProxyHeaders.user)),
    },
  }
}

/**
 * Since when it is known which tokens of Secrets are used: the controller that removes unused ones goes by it
 * (pkg/controlplane/controller/legacytokentracking).
 */
export function legacyTokenTracking(today: string): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
    data: { since: today },
  }
}

/** `X-Remote-User`, as kubeadm passes it. */
function canonical(header: string): string {
  return header.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
}

/** What a machine that is to join needs to know, without any secret (kubeadm's cluster-info). */
export function clusterInfo(options: { readonly server: string; readonly authorityPem: string }): ConfigMap {
  const authority = Buffer.from(options.authorityPem).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: {
      kubeconfig: `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${authority}
    server: ${options.server}
  name: ""
contexts: null
current-context: ""
kind: Config
preferences: {}
users: null
`,
    },
  }
}

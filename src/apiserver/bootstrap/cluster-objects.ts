import type { ConfigMap, Namespace, PriorityClass } from '../../api/types.generated.ts'
import type { FrontProxyOptions } from '../options/front-proxy-options.ts'

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
  readonly proxies: FrontProxyOptions
}): ConfigMap {
  const { proxies } = options
  const list = (...values: readonly string[]) => JSON.stringify(values)
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'client-ca-file': options.clientAuthorityPem,
      'requestheader-allowed-names': list(...proxies.allowedNames),
      'requestheader-client-ca-file': options.frontProxyAuthorityPem,
      'requestheader-extra-headers-prefix': list(...proxies.extraPrefixes),
      'requestheader-group-headers': list(...proxies.groupHeaders),
      'requestheader-uid-headers': list(...proxies.uidHeaders),
      'requestheader-username-headers': list(...proxies.usernameHeaders),
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

/** Labels that a kubelet may set on its own node (k8s.io/kubelet pkg/apis/well_known_labels.go). */
const kubeletLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
const kubeletNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io']

type Labels = Readonly<Record<string, string>> | undefined

/** Of the labels that differ, those that a kubelet may not touch, sorted. */
export function forbiddenLabels(labels: Labels = {}, old: Labels = {}): string[] {
  const keys = new Set([...Object.keys(labels), ...Object.keys(old)])
  return [...keys].filter((key) => labels[key] !== old[key] && isForbidden(key)).sort()
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/')
  const namespace = slash < 0 ? '' : key.slice(0, slash)
  const within = (domain: string) => namespace === domain || namespace.endsWith(`.${domain}`)
  if (within('node-restriction.kubernetes.io')) return true
  if (!within('kubernetes.io') && !within('k8s.io')) return false
  return !kubeletLabels.has(key) && !kubeletNamespaces.some(within)
}

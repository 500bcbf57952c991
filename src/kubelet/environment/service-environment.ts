import type { Service } from '../../api/types.generated.ts'

/** Variables that tell a container where services are (upstream: pkg/kubelet/envvars/envvars.go). */
export function serviceEnvironment(
  services: readonly Service[],
  namespace: string,
  enableServiceLinks: boolean,
): ReadonlyMap<string, string> {
  const chosen = new Map<string, Service>()
  for (const service of services) {
    const { name = '', namespace: its } = service.metadata
    const address = service.spec.clusterIP
    if (address === undefined || address === '' || address === 'None') continue
    // The API server is told to every pod, links or not.
    if (its === 'default' && name === 'kubernetes') {
      if (!chosen.has(name)) chosen.set(name, service)
    } else if (its === namespace && enableServiceLinks) chosen.set(name, service)
  }
  const variables = new Map<string, string>()
  for (const service of chosen.values()) addService(variables, service)
  return variables
}

const upper = (name: string) => name.replaceAll('-', '_').toUpperCase()

function addService(variables: Map<string, string>, service: Service): void {
  const prefix = upper(service.metadata.name ?? '')
  const address = service.spec.clusterIP ?? ''
  const ports = service.spec.ports ?? []
  const first = ports[0]
  if (first === undefined) return
  variables.set(`${prefix}_SERVICE_HOST`, address)
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port))
  for (const { name, port } of ports) {
    if (name) variables.set(`${prefix}_SERVICE_PORT_${upper(name)}`, String(port))
  }
  const host = address.includes(':') ? `[${address}]` : address
  for (const { port, protocol = 'TCP' } of ports) {
    const url = `${protocol.toLowerCase()}://${host}:${port}`
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
    if (port === first.port && protocol === (first.protocol ?? 'TCP')) variables.set(`${prefix}_PORT`, url)
    variables.set(link, url)
    variables.set(`${link}_PROTO`, protocol.toLowerCase())
    variables.set(`${link}_PORT`, String(port))
    variables.set(`${link}_ADDR`, address)
  }
}

import { goQuote } from '../../../../machinery/field-error.ts'
import type { ContainerPort, PodSpec } from '../../../types.generated.ts'
import { containersOf } from './containers-of.ts'

/** Ports that clash, or hardly mean what they say (pkg/api/pod/warnings.go). */
export function portWarnings(spec: PodSpec, field: string): string[] {
  const warnings: string[] = []
  const named: string[] = []
  const byPort = new Map<string, { readonly at: string; readonly port: ContainerPort }[]>()
  const names = new Map<string, string>()
  for (const [{ ports = [] }, container] of containersOf(spec, field)) {
    for (const [index, port] of ports.entries()) {
      const at = `${container}.ports[${index}]`
      const { name = '', hostPort = 0, hostIP = '', containerPort, protocol = '' } = port
      if (hostIP !== '' && hostPort === 0) {
        const struct = `{Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
        warnings.push(`${at}: hostIP set without hostPort: ${struct}`)
      }
      const key = `${containerPort}/${protocol}`
      const others = byPort.get(key) ?? []
      for (const other of others) {
        const kind = clash(port, other.port)
        if (kind !== undefined) warnings.push(`${at}: ${kind} port definition with ${other.at}`)
      }
      byPort.set(key, [...others, { at, port }])
      const first = names.get(name)
      if (name === '') continue
      if (first === undefined) names.set(name, at)
      else {
        const use = `services and probes that select ports by name will use ${first}`
        named.push(`${at}: duplicate port name ${goQuote(name)} with ${first}, ${use}`)
      }
    }
  }
  return [...warnings, ...named]
}

function clash(a: ContainerPort, b: ContainerPort): string | undefined {
  const [portA, portB] = [a.hostPort ?? 0, b.hostPort ?? 0]
  const [ipA, ipB] = [a.hostIP ?? '', b.hostIP ?? '']
  if (ipA === ipB && portA === portB) return 'duplicate'
  if (portA === 0 || portB === 0) return 'overlapping'
  return portA === portB && (ipA === '') !== (ipB === '') ? 'dangerously ambiguous' : undefined
}

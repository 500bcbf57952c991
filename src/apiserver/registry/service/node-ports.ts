import type { Service } from '../../../api/types.generated.ts'
import { needsHealthCheckNodePort } from '../../../api/core/v1/service/service-type.ts'
import { internalError, invalid } from '../../../machinery/errors.ts'
import { fieldErrors } from '../../../machinery/field-error.ts'
import type { Draft } from '../../../machinery/json.ts'
import { AllocationError } from './allocation-error.ts'
import type { PortOperation } from './port-allocator.ts'

type Spec = Draft<NonNullable<Service['spec']>>
type OldSpec = NonNullable<Service['spec']>

/** Node ports of a new service (alloc.go, initNodePorts): ports of one number share a node port. */
export function allocateNodePorts(spec: Spec, operation: PortOperation, name: string): void {
  if (hasNodePorts(spec)) {
    const byPort = new Map<number, number>()
    const ports = spec.ports ?? []
    for (const [index, port] of ports.entries()) {
      if (!port.nodePort && !allocates(spec)) continue
      const shared = byPort.get(port.port)
      if (shared !== undefined) {
        if (!port.nodePort) port.nodePort = shared
        else if (port.nodePort !== shared) take(operation, port.nodePort, index, name)
        continue
      }
      const wanted = ports.find((other) => other.port === port.port && other.nodePort)?.nodePort
      if (wanted) take(operation, wanted, index, name)
      port.nodePort = wanted || next(operation, 'a nodePort')
      byPort.set(port.port, port.nodePort)
    }
  }
  if (needsHealthCheckNodePort(spec)) allocateHealthCheckPort(spec, operation)
}

/** Node ports of a changed service (alloc.go, txnUpdateNodePorts). What is not named any more is free once it is stored. */
export function updateNodePorts(spec: Spec, old: OldSpec, operation: PortOperation, name: string): void {
  if (hasNodePorts(spec)) {
    const before = new Set((old.ports ?? []).map(({ nodePort }) => nodePort))
    const taken = new Set<number>()
    const seen = new Set<string>()
    for (const [index, port] of (spec.ports ?? []).entries()) {
      if (!port.nodePort && !allocates(spec)) continue
      if (port.nodePort) {
        if (!before.has(port.nodePort) && !taken.has(port.nodePort)) take(operation, port.nodePort, index, name)
        taken.add(port.nodePort)
      } else port.nodePort = next(operation, 'a nodePort')
      const key = `${port.protocol}/${port.nodePort}`
      if (seen.has(key)) throw new Error(`duplicate nodePort: {${port.protocol} ${port.nodePort}}`)
      seen.add(key)
    }
  }
  if (needsHealthCheckNodePort(spec) && !needsHealthCheckNodePort(old)) allocateHealthCheckPort(spec, operation)
}

function allocateHealthCheckPort(spec: Spec, operation: PortOperation): void {
  const wanted = spec.healthCheckNodePort
  if (!wanted) {
    spec.healthCheckNodePort = next(operation, 'a HealthCheck NodePort 0')
    return
  }
  try {
    operation.allocate(wanted)
  } catch (error) {
    throw internalError(
      new Error(`failed to allocate requested HealthCheck NodePort ${wanted}: ${(error as Error).message}`),
    )
  }
}

function take(operation: PortOperation, port: number, index: number, name: string): void {
  try {
    operation.allocate(port)
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error
    throw invalid({ group: '', kind: 'Service' }, name, [
      fieldErrors.invalid(`spec.ports[${index}].nodePort`, port, error.message),
    ])
  }
}

function next(operation: PortOperation, what: string): number {
  try {
    return operation.allocateNext()
  } catch (error) {
    throw internalError(new Error(`failed to allocate ${what}: ${(error as Error).message}`))
  }
}

function hasNodePorts({ type }: Spec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

function allocates({ type, allocateLoadBalancerNodePorts }: Spec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)
}

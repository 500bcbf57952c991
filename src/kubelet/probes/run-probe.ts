import type { Container, Pod, Probe } from '../../api/types.generated.ts'
import { type Clock, sleep } from '../../machinery/clock.ts'
import { resolvePort } from '../hooks/http-request.ts'
import { podText } from '../pods/containers.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { execProbe } from './exec-probe.ts'
import { httpProbe } from './http-probe.ts'
import { type ProbeOutcome, unknown } from './outcome.ts'
import { tcpProbe } from './tcp-probe.ts'

export interface ProbeTarget {
  readonly pod: Pod
  readonly container: Container
  readonly containerId: string
  readonly podIP: string
}

const maxAttempts = 3

/** Runs a probe once; where it cannot be run, up to three times. Never throws. */
export async function runProbe(
  context: { readonly runtime: Runtime; readonly clock: Clock },
  target: ProbeTarget,
  probe: Probe,
): Promise<ProbeOutcome> {
  let outcome: ProbeOutcome = unknown('')
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    outcome = await once(context, target, probe).catch(unknown)
    if (outcome.result !== 'unknown') return outcome
  }
  return outcome
}

async function once(
  { runtime, clock }: { readonly runtime: Runtime; readonly clock: Clock },
  { pod, container, containerId, podIP }: ProbeTarget,
  probe: Probe,
): Promise<ProbeOutcome> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
  if (probe.exec !== undefined) {
    return execProbe(runtime, containerId, container, probe.exec.command ?? [], timeoutMs / 1000)
  }
  if (probe.grpc !== undefined) {
    const { port, service = '', mode } = probe.grpc
    // Few pods have such a probe, and its library is large.
    const { grpcProbe } = await import('./grpc-probe.ts')
    return grpcProbe(podIP, port, service, mode === 'TLS', timeoutMs)
  }
  if (probe.httpGet === undefined && probe.tcpSocket === undefined) {
    throw new Error(`missing probe handler for ${podText(pod)}:${container.name}`)
  }
  const limit = new AbortController()
  const done = new AbortController()
  void sleep(clock, timeoutMs, done.signal).then(
    () => limit.abort(),
    () => {},
  )
  try {
    if (probe.httpGet !== undefined) return await httpProbe(probe.httpGet, container, podIP, limit.signal)
    const { host, port } = probe.tcpSocket!
    return await tcpProbe(host || podIP, resolvePort(port, container), limit.signal)
  } finally {
    done.abort()
  }
}

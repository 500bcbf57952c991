import {
  servePortForward as serve,
  spdyPortDialer,
  type PortDialer,
} from '../../../machinery/streaming/port-forward.ts'
import type { UpgradeRequest } from '../../../machinery/streaming/upgrade.ts'
import { findPod } from '../find-container.ts'
import type { KubeletServerHost } from '../host.ts'
import { HttpError } from '../http-error.ts'
import type { PodRoute } from '../route.ts'

/** Serves port-forward; connections go to the runtime, which dials inside the pod's network. */
export async function servePortForward(
  host: KubeletServerHost,
  route: PodRoute,
  query: URLSearchParams,
  upgrade: UpgradeRequest,
): Promise<void> {
  const pod = findPod(host, route)
  const sandbox = await host.sandboxId(pod)
  if (sandbox === undefined) throw new HttpError(500, `failed to find sandbox for pod "${route.pod}"`)
  const ports = query
    .getAll('port')
    .concat(query.getAll('ports'))
    .flatMap((value) => value.split(','))
    .map(Number)
  if (ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65535))
    throw new HttpError(400, `unable to parse "${query.get('port') ?? query.get('ports')}" as a port`)
  const { dial, close } = await portDialer(host, sandbox, ports)
  try {
    await serve(upgrade, ports, `${route.pod}_${route.namespace}`, dial)
  } finally {
    close()
  }
}

async function portDialer(
  host: KubeletServerHost,
  sandbox: string,
  ports: readonly number[],
): Promise<{ dial: PortDialer; close: () => void }> {
  const target = await host.runtime.portForward(sandbox, ports)
  if (target.kind === 'url') return spdyPortDialer({ url: new URL(target.url) })
  if (target.kind !== 'ports') throw new HttpError(500, 'the runtime cannot forward ports')
  return {
    dial: (port, data) =>
      target.dial(port, {
        readable: data.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
        write: (bytes) => new Promise<void>((resolve) => data.write(bytes, () => resolve())),
        end: () => new Promise<void>((resolve) => data.end(() => resolve())),
      }),
    close: () => {},
  }
}

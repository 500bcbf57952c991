import type { ServerResponse } from 'node:http'
import type { Clock } from '../../../machinery/clock.ts'
import { parseLogOptions } from '../../../api/core/v1/pod-log-options.ts'
import { logContainerId, NoLogs } from '../../logs/log-source.ts'
import { readLog } from '../../logs/read-log.ts'
import { findPod, hasContainer } from '../find-container.ts'
import type { KubeletServerHost } from '../host.ts'
import { HttpError } from '../http-error.ts'
import type { PodRoute } from '../route.ts'

/** Streams a container's log. Errors before the first byte are plain 4xx texts. */
export async function serveContainerLogs(
  host: KubeletServerHost,
  clock: Clock,
  route: PodRoute,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const { options, errors } = parseLogOptions(query, clock.now())
  if (errors.length > 0) throw new HttpError(422, '{"message": "Invalid request."}')
  const pod = findPod(host, route)
  const container = route.container ?? ''
  if (!hasContainer(pod, container))
    throw new HttpError(404, `container "${container}" not found in pod "${route.pod}"`)
  const id = sourceId(pod.metadata.name ?? '', pod.status, container, options.previous)
  const path = await host.logPath(id)
  if (path === undefined) throw new HttpError(400, `unable to retrieve container logs for containerd://${id}`)

  if (path === null) {
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end()
    return
  }

  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const running = async () => {
    const status = await host.runtime.containerStatus(id).catch(() => undefined)
    return status?.state === 'running'
  }
  response.writeHead(200, { 'Content-Type': 'text/plain' })
  response.flushHeaders()
  try {
    for await (const chunk of readLog(path, options, { running, clock, signal: gone.signal })) {
      if (!response.write(chunk))
        await new Promise<void>((resolve) => response.once('drain', resolve).once('close', resolve))
      if (gone.signal.aborted) return
    }
  } catch (error) {
    response.write(
      `failed to try resolving symlinks in path "${path}": ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  response.end()
}

function sourceId(...args: Parameters<typeof logContainerId>): string {
  try {
    return logContainerId(...args)
  } catch (error) {
    if (error instanceof NoLogs) throw new HttpError(400, error.message)
    throw error
  }
}

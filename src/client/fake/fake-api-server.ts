import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { ResourceRef } from '../../api/definition.ts'
import { ApiError, noSuchPath } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { DeleteOptions, PatchType } from '../client.ts'
import { resourcePath } from '../resource-path.ts'
import type { FakeClient } from './fake-client.ts'

const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

/** Puts a fake client on a TLS port of loopback (HTTP/2 and 1.1), for tests of clients. */
export async function startFakeApiServer(options: {
  readonly client: FakeClient
  readonly refs: readonly ResourceRef[]
  readonly key: string
  readonly cert: string
  readonly http1Only?: boolean
  /** Sees each request first; true: it has answered. */
  readonly intercept?: (request: Http2ServerRequest, response: Http2ServerResponse) => boolean
}): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const { client, refs, key, cert, http1Only, intercept } = options
  const server = createSecureServer({
    key,
    cert,
    allowHTTP1: true,
    ALPNProtocols: http1Only ? ['http/1.1'] : ['h2', 'http/1.1'],
    settings: { maxConcurrentStreams: 100 },
  })
  const sockets = new Set<{ destroy(): void }>()
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => {
    if (intercept?.(request, response)) return
    answer(client, refs, request, response).catch((error: unknown) => {
      const status = error instanceof ApiError ? error.status : { kind: 'Status', code: 500, message: String(error) }
      if (response.headersSent) response.end()
      else send(response, status.code, status)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(
  client: FakeClient,
  refs: readonly ResourceRef[],
  request: Http2ServerRequest,
  response: Http2ServerResponse,
): Promise<void> {
  const url = new URL(request.url, 'https://server')
  const { ref, namespace, name, subresource } = route(refs, url.pathname)
  const query = Object.fromEntries(url.searchParams)
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as KubeObject) : undefined
  const key = { namespace, name: name ?? '' }
  switch (request.method) {
    case 'GET': {
      if (name !== undefined) return send(response, 200, await client.get(ref, key, { subresource }))
      if (query.watch !== 'true') return send(response, 200, await client.list(ref, { ...query, namespace }))
      const events = await client.watch(ref, {
        ...query,
        namespace,
        sendInitialEvents: query.sendInitialEvents === 'true',
      })
      response.writeHead(200, { 'content-type': 'application/json' })
      ;(response as unknown as { flushHeaders(): void }).flushHeaders()
      for await (const event of events) if (!response.write(`${JSON.stringify(event)}\n`) && response.destroyed) break
      response.end()
      return
    }
    case 'POST':
      return send(
        response,
        201,
        await client.create(ref, { ...body!, metadata: { ...body!.metadata, namespace } }, { subresource }),
      )
    case 'PUT':
      return send(response, 200, await client.update(ref, body!, { subresource }))
    case 'PATCH': {
      const type = patchTypes[request.headers['content-type'] ?? ''] ?? 'merge'
      return send(response, 200, await client.patch(ref, key, type, body, { subresource }))
    }
    default:
      if (name === undefined) await client.deleteCollection(ref, { ...query, namespace })
      else await client.delete(ref, key, (body ?? {}) as DeleteOptions)
      return send(response, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
  }
}

function send(response: Http2ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function route(refs: readonly ResourceRef[], path: string) {
  for (const ref of refs) {
    const collection = resourcePath(ref)
    const root = collection.slice(0, -ref.resource.length - 1)
    if (!path.startsWith(`${root}/`)) continue
    let parts = path
      .slice(root.length + 1)
      .split('/')
      .map(decodeURIComponent)
    let namespace: string | undefined
    if (ref.namespaced && parts[0] === 'namespaces' && parts.length > 2) {
      namespace = parts[1]
      parts = parts.slice(2)
    }
    if (parts[0] === ref.resource) return { ref, namespace, name: parts[1], subresource: parts[2] }
  }
  throw noSuchPath()
}

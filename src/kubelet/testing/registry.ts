import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { http } from '../../machinery/node-http.ts'
import { hostArchitecture, type ImageContent, imageParts } from '../images/archive/docker-archive.ts'

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const manifestType = 'application/vnd.docker.distribution.manifest.v2+json'

export interface TestRegistry {
  /** `127.0.0.1:5000` */
  readonly host: string
  /** How often manifests were asked for and given, by `REPOSITORY:REFERENCE`. */
  readonly pulls: ReadonlyMap<string, number>
  /** Offers an image as `repository:tag`; the digest is that of its manifest. */
  push(repository: string, tag: string, image: ImageContent): string
  stop(): Promise<void>
}

/**
 * A registry of images on the loopback (OCI distribution specification, pull only). Repositories below `private/` are for
 * those who show one of the `users` (name → password).
 */
export async function startRegistry(users: Readonly<Record<string, string>>): Promise<TestRegistry> {
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, Buffer>()
  const pulls = new Map<string, number>()

  const isKnown = ({ headers }: IncomingMessage): boolean => {
    const given = Buffer.from(/^Basic (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '', 'base64').toString('utf8')
    return Object.entries(users).some(([name, password]) => given === `${name}:${password}`)
  }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ''
    const [, repository = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? []
    if (repository.startsWith('private/') && !isKnown(request)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"', 'Content-Type': 'application/json' })
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
      return
    }
    const content = kind === 'manifests' ? manifests.get(`${repository}:${reference}`) : blobs.get(reference)
    if (path !== '/v2/' && content === undefined) {
      response.writeHead(404, { 'Content-Type': 'application/json' })
      response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
      return
    }
    const body = content ?? Buffer.from('{}')
    if (kind === 'manifests' && !reference.startsWith('sha256:')) {
      const key = `${repository}:${reference}`
      pulls.set(key, (pulls.get(key) ?? 0) + 1)
    }
    response.writeHead(200, {
      'Content-Type': kind === 'manifests' ? manifestType : 'application/octet-stream',
      'Content-Length': body.length,
      'Docker-Content-Digest': digestOf(body),
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  const server = http.createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    pulls,
    push(repository, tag, image) {
      const { layer, config } = imageParts(image, hostArchitecture())
      const described = (mediaType: string, bytes: Buffer) => {
        blobs.set(digestOf(bytes), bytes)
        return { mediaType, size: bytes.length, digest: digestOf(bytes) }
      }
      const manifest = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: manifestType,
          config: described('application/vnd.docker.container.image.v1+json', Buffer.from(config)),
          layers: [described('application/vnd.docker.image.rootfs.diff.tar', layer)],
        }),
      )
      for (const reference of [tag, digestOf(manifest)]) manifests.set(`${repository}:${reference}`, manifest)
      return digestOf(manifest)
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

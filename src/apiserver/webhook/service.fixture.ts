import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../machinery/clock.ts'
import { createPki } from '../pki/pki.ts'

/** A service over TLS that answers JSON, as issuers and webhooks are, for tests of who asks them. */
export interface TestService {
  readonly url: string
  readonly caPem: string
  /** Its own certificate, which does not sign itself. */
  readonly servingPem: string
  /** A folder of the test's own. */
  readonly folder: string
  /** The path and the decoded body of each request. */
  readonly asked: { readonly path: string; readonly body: Record<string, never> }[]
  /** Writes a file into the folder and returns its path. */
  write(name: string, text: string): string
  /** A kubeconfig that leads to a path of the service. */
  kubeconfig(path: string): string
  [Symbol.asyncDispose](): Promise<void>
}

type Answer = object | string | number

/** `answer`: an object, a text as it is, or the status of a refusal. */
export async function openService(
  answer: (path: string, body: Record<string, never>, url: string, bearer: string) => Answer | Promise<Answer>,
): Promise<TestService> {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-service-'))
  const pki = createPki({ folder, clock: systemClock })
  const serving = pki.kubeletServing('service', ['127.0.0.1'])
  const asked: TestService['asked'] = []
  let url = ''
  const server = createServer({ key: serving.privateKeyPem, cert: serving.certificatePem }, (request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += chunk))
    request.on('end', async () => {
      const path = request.url!
      const body = text === '' ? {} : JSON.parse(text)
      asked.push({ path, body })
      const told = await answer(path, body, url, request.headers.authorization ?? '')
      if (typeof told === 'number') response.writeHead(told, { location: `${url}/elsewhere` }).end()
      else if (typeof told === 'string') response.end(told)
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const write = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  return {
    url,
    caPem: pki.clusterAuthority.certificatePem,
    servingPem: serving.certificatePem,
    folder,
    asked,
    write,
    kubeconfig(path) {
      const ca = Buffer.from(pki.clusterAuthority.certificatePem).toString('base64')
      const cluster = { name: 'service', cluster: { server: url + path, 'certificate-authority-data': ca } }
      const context = { name: 'it', context: { cluster: 'service', user: 'apiserver' } }
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'it',
        clusters: [cluster],
        contexts: [context],
      }
      return write(`kubeconfig${path.replaceAll('/', '-')}`, JSON.stringify(config))
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await pki.serviceAccountKeys
      rmSync(folder, { recursive: true })
    },
  }
}

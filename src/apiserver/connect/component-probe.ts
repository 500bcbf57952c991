import { request } from 'node:https'
import type { ComponentAnswer } from '../registry/component-status.ts'
import { connectionText } from '../../machinery/connection-text.ts'

const timeoutMs = 20_000
const maxBytes = 10 * 1024

/**
 * Asks a part on this machine how it is, at its usual port and by whatever certificate (pkg/registry/core/componentstatus
 * validator.go, pkg/probe/http).
 */
export function probePart(port: number): Promise<ComponentAnswer> {
  const address = `127.0.0.1:${port}`
  const url = `https://${address}/healthz`
  return new Promise((resolve) => {
    const failed = (error: unknown) =>
      resolve({ healthy: false, message: `Get "${url}": ${connectionText(error, address, '127.0.0.1')}` })
    const signal = AbortSignal.timeout(timeoutMs)
    const asking = request(url, { rejectUnauthorized: false, agent: false, signal }, (response) => {
      const { statusCode = 0 } = response
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        if (body.length < maxBytes) body += chunk
      })
      response.on('error', failed)
      response.on('end', () =>
        resolve(
          statusCode >= 200 && statusCode < 400
            ? { healthy: true, message: body }
            : { healthy: false, message: `HTTP probe failed with statuscode: ${statusCode}` },
        ),
      )
    })
    asking.on('error', failed).end()
  })
}

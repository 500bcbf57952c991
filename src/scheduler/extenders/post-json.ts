import { readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import type { Clock } from '../../machinery/clock.ts'
import { connectionText } from '../../machinery/connection-text.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { parseGoDuration } from '../../machinery/go-duration.ts'
import { http } from '../../machinery/node-http.ts'
import { tlsTrust } from '../../machinery/tls-trust.ts'
import type { ExtenderConfiguration, ExtenderTlsConfiguration } from '../configuration/types.ts'
import type { Post } from './http-extender.ts'

const usualTimeoutMs = 5000

/**
 * Calls of one extender, over connections that are kept (pkg/scheduler/extender.go makeTransport). Throws an Error when its
 * files of keys and certificates cannot be read.
 */
export function postJson(configuration: ExtenderConfiguration, clock: Clock): Post {
  const timeoutMs = parseGoDuration(configuration.httpTimeout) / 1e6 || usualTimeoutMs
  const tls = tlsOptions(configuration)
  const https = process.getBuiltinModule('node:https')
  const agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true, ...tls }),
  }
  return async (prefix, verb, body) => {
    const url = `${prefix.replace(/\/+$/, '')}/${verb}`
    const target = readUrl(url)
    const { protocol } = target
    if (protocol !== 'http:' && protocol !== 'https:')
      throw new Error(`Post ${goQuote(url)}: unsupported protocol scheme ${goQuote(protocol.slice(0, -1))}`)
    const payload = Buffer.from(JSON.stringify(body))
    const options: RequestOptions = {
      method: 'POST',
      agent: agents[protocol],
      headers: { 'Content-Type': 'application/json', 'Content-Length': payload.length },
    }
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const fail = (why: string, cause?: unknown) => reject(new Error(`Post ${goQuote(url)}: ${why}`, { cause }))
      const request = (protocol === 'https:' ? https.request : http.request)(target, options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', (error) => fail(error.message, error))
        response.on('end', () => {
          cancel()
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
        })
      })
      const cancel = clock.after(timeoutMs, () => {
        fail('context deadline exceeded (Client.Timeout exceeded while awaiting headers)')
        request.destroy()
      })
      request.on('error', (error) => {
        cancel()
        const port = target.port || (protocol === 'https:' ? '443' : '80')
        fail(connectionText(error, `${target.hostname}:${port}`, target.hostname), error)
      })
      request.end(payload)
    })
    if (status !== 200) throw new Error(`failed ${verb} with extender at URL ${url}, code ${status}`)
    return JSON.parse(text)
  }
}

function readUrl(url: string): URL {
  try {
    return new URL(url)
  } catch (error) {
    throw new Error(`Post ${goQuote(url)}: unsupported protocol scheme ""`, { cause: error })
  }
}

/** Without an authority to trust, whoever answers is trusted, as upstream does for extenders that say enableHTTPS. */
function tlsOptions({ enableHTTPS, tlsConfig = {} }: ExtenderConfiguration) {
  const ca = material(tlsConfig.caData, tlsConfig.caFile)
  const insecure = tlsConfig.insecure === true || (enableHTTPS === true && ca === undefined)
  if (insecure && ca !== undefined)
    throw new Error('specifying a root certificates file with the insecure flag is not allowed')
  const cert = material(tlsConfig.certData, tlsConfig.certFile)
  const key = material(tlsConfig.keyData, tlsConfig.keyFile)
  return {
    ...tlsTrust,
    ca,
    cert,
    key,
    rejectUnauthorized: !insecure,
    ...(tlsConfig.serverName && { servername: tlsConfig.serverName }),
  }
}

function material(
  data: ExtenderTlsConfiguration['caData'],
  file: ExtenderTlsConfiguration['caFile'],
): Buffer | undefined {
  if (data) return Buffer.from(data, 'base64')
  return file ? readFileSync(file) : undefined
}

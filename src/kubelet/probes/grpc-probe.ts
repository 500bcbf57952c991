import grpc from '@grpc/grpc-js'
import { goDuration } from '../lifecycle/go-duration.ts'
import { int32, message, string } from '../../machinery/grpc/message.ts'
import { failure, type ProbeOutcome, success } from './outcome.ts'

const request = message({ service: string(1) })
const answer = message({ status: int32(1) })
const serving = 1
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/** Asks grpc.health.v1.Health/Check (upstream: pkg/probe/grpc). `deadline`: on this machine's own clock. */
export function grpcProbe(
  host: string,
  port: number,
  service: string,
  tls: boolean,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const credentials = tls
    ? grpc.credentials.createSsl(null, null, null, { rejectUnauthorized: false, checkServerIdentity: () => undefined })
    : grpc.credentials.createInsecure()
  const client = new grpc.Client(address, credentials, { 'grpc.primary_user_agent': 'kube-probe/1.37' })
  const deadline = new Date(performance.timeOrigin + performance.now() + timeoutMs)
  return new Promise((resolve) => {
    const end = (outcome: ProbeOutcome) => {
      client.close()
      resolve(outcome)
    }
    client.waitForReady(deadline, (error) => {
      if (error != null) {
        const why = `within ${goDuration(timeoutMs)}: context deadline exceeded`
        return end(failure(`timeout: failed to connect service ${JSON.stringify(address)} ${why}`))
      }
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        (value: { service: string }) => request.encode(value),
        (bytes: Buffer) => answer.decode(bytes),
        { service },
        new grpc.Metadata(),
        { deadline },
        (failed, reply) => end(failed === null ? judged(reply?.status ?? 0) : refused(failed, timeoutMs)),
      )
    })
  })
}

function judged(status: number): ProbeOutcome {
  if (status === serving) return success('service healthy')
  return failure(`service unhealthy (responded with ${JSON.stringify(statusNames[status] ?? String(status))})`)
}

function refused(error: grpc.ServiceError, timeoutMs: number): ProbeOutcome {
  if (error.code === grpc.status.UNIMPLEMENTED) {
    const message = 'this server does not implement the grpc health protocol (grpc.health.v1.Health)'
    return failure(`error: ${message}: ${error.details}`)
  }
  if (error.code === grpc.status.DEADLINE_EXCEEDED) {
    return failure(`timeout: health rpc did not complete within ${goDuration(timeoutMs)}`)
  }
  const name = grpc.status[error.code]
    ?.toLowerCase()
    .replace(/(^|_)(.)/g, (_, __, letter: string) => letter.toUpperCase())
  return failure(`error: health rpc probe failed: rpc error: code = ${name} desc = ${error.details}`)
}

import grpc from '@grpc/grpc-js'
import type { Message } from '../../machinery/grpc/message.ts'
import type { DriverClaim, PreparedClaim } from './dra-drivers.ts'
import { getInfo, notifyStatus, prepareMethod, unprepareMethod } from './messages.ts'

export type { DriverClaim } from './dra-drivers.ts'
/** A device of a claim, ready for use. `requestNames`: the requests that it is for; none: all. */
export type PreparedDevice = Partial<PreparedClaim['devices'][number]>

/** A driver of devices on a node, as its author writes it. What a function throws is told to the pod. */
export interface DeviceDriver {
  /** That of the slices that it publishes: `gpu.example.com`. */
  readonly name: string
  /** Makes what was allocated to a claim usable. It may be asked again for the same claim, and then answers the same. */
  prepare(claim: DriverClaim): Promise<readonly PreparedDevice[]> | readonly PreparedDevice[]
  /** Nobody uses the claim any more. It may be asked again. */
  unprepare?(claim: DriverClaim): Promise<void> | void
  /** The kubelet has taken the driver (''), or says why not. */
  registered?(error: string): void
}

/**
 * Serves a driver to the kubelet of this node: at a socket in `/var/lib/kubelet/plugins_registry`, where any kubelet of
 * Kubernetes finds it (pluginregistration/v1 and dra/v1). `versions`: what it says it speaks.
 */
export async function serveDriver(
  driver: DeviceDriver,
  options: { readonly socket: string; readonly type?: string; readonly versions?: readonly string[] },
): Promise<{ stop(): void }> {
  const { socket, type = 'DRAPlugin', versions = ['v1.DRAPlugin'] } = options
  const server = new grpc.Server()
  const each = async <Answer extends object>(
    claims: readonly DriverClaim[],
    serve: (claim: DriverClaim) => Promise<Answer>,
  ) => ({
    claims: await Promise.all(
      claims.map(async (claim) => ({
        key: claim.uid,
        value: await serve(claim).catch((error: unknown) => ({ error: (error as Error).message })),
      })),
    ),
  })
  addMethod(server, getInfo, async () => ({ type, name: driver.name, endpoint: '', supportedVersions: versions }))
  addMethod(server, notifyStatus, async ({ error }) => {
    driver.registered?.(error)
    return {}
  })
  addMethod(server, prepareMethod('v1'), ({ claims }) =>
    each(claims, async (claim) => ({ devices: await driver.prepare(claim) })),
  )
  addMethod(server, unprepareMethod('v1'), ({ claims }) =>
    each(claims, async (claim) => {
      await driver.unprepare?.(claim)
      return {}
    }),
  )
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`unix:${socket}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    ),
  )
  return { stop: () => server.forceShutdown() }
}

function addMethod<Request, In, Answer, Out>(
  server: grpc.Server,
  method: { readonly path: string; readonly request: Message<Request, In>; readonly answer: Message<Answer, Out> },
  serve: (request: Request) => Promise<Out>,
): void {
  const { path, request, answer } = method
  const definition = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: (value: In) => request.encode(value),
    requestDeserialize: (bytes: Buffer) => request.decode(bytes),
    responseSerialize: (value: Out) => answer.encode(value),
    responseDeserialize: (bytes: Buffer) => answer.decode(bytes),
  }
  const handle = (call: { request: Request }, done: (error: Error | null, value?: Out) => void) =>
    serve(call.request).then(
      (value) => done(null, value),
      (error: Error) => done(error),
    )
  server.addService(
    { [path]: definition } as unknown as grpc.ServiceDefinition,
    { [path]: handle } as unknown as grpc.UntypedServiceImplementation,
  )
}

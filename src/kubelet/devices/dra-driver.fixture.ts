import grpc from '@grpc/grpc-js'
import type { Message } from '../../machinery/grpc/message.ts'
import type { DriverClaim } from './dra-drivers.ts'
import { getInfo, notifyStatus, prepareMethod, unprepareMethod } from './messages.ts'

/** A driver of devices for tests: each claim gets one device, which the runtime knows by its claim's name. */
export interface TestDriver {
  readonly calls: string[]
  /** What kubelet said of its registration: '': all is well. */
  readonly told: string[]
  /** '': it does what it is asked. */
  failure: string
  stop(): void
}

export async function startDriver(options: {
  readonly name: string
  readonly registrySocket: string
  readonly socket: string
  readonly type?: string
  readonly versions?: readonly string[]
}): Promise<TestDriver> {
  const { name, registrySocket, socket, type = 'DRAPlugin', versions = ['v1.DRAPlugin'] } = options
  const server = new grpc.Server()
  const driver: TestDriver = { calls: [], told: [], failure: '', stop: () => server.forceShutdown() }
  const serve = <Request, In, Answer, Out>(
    { path, request, answer }: { path: string; request: Message<Request, In>; answer: Message<Answer, Out> },
    handle: (request: Request) => Out,
  ) =>
    server.addService(
      {
        [path]: {
          path,
          requestStream: false,
          responseStream: false,
          requestSerialize: (value: In) => request.encode(value),
          requestDeserialize: (bytes: Buffer) => request.decode(bytes),
          responseSerialize: (value: Out) => answer.encode(value),
          responseDeserialize: (bytes: Buffer) => answer.decode(bytes),
        },
      } as unknown as grpc.ServiceDefinition,
      {
        [path]: (call: { request: Request }, done: (error: null, value: Out) => void) =>
          done(null, handle(call.request)),
      },
    )
  const each = (call: string, claims: readonly DriverClaim[], answer: (claim: DriverClaim) => object) => {
    driver.calls.push(`${call} ${claims.map((claim) => claim.name).join()}`)
    return { claims: claims.map((claim) => ({ key: claim.uid, value: answer(claim) })) }
  }
  serve(getInfo, () => ({ type, name, endpoint: socket, supportedVersions: versions }))
  serve(notifyStatus, ({ error }) => {
    driver.told.push(error)
    return {}
  })
  serve(prepareMethod('v1'), ({ claims }) =>
    each('prepare', claims, (claim) =>
      driver.failure === ''
        ? {
            devices: [
              {
                requestNames: ['gpu'],
                poolName: 'node',
                deviceName: 'gpu-0',
                cdiDeviceIds: [`${name}/gpu=${claim.name}`],
              },
            ],
          }
        : { error: driver.failure },
    ),
  )
  serve(unprepareMethod('v1'), ({ claims }) => each('unprepare', claims, () => ({ error: driver.failure })))
  for (const path of new Set([socket, registrySocket]))
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(`unix:${path}`, grpc.ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      ),
    )
  return driver
}

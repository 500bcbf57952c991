import { serveDriver } from './serve-driver.ts'

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
  readonly socket: string
  readonly versions?: readonly string[]
}): Promise<TestDriver> {
  const { name } = options
  const driver: TestDriver = { calls: [], told: [], failure: '', stop: () => {} }
  const did = (call: string) => {
    driver.calls.push(call)
    if (driver.failure !== '') throw new Error(driver.failure)
  }
  const { stop } = await serveDriver(
    {
      name,
      prepare(claim) {
        did(`prepare ${claim.name}`)
        const cdiDeviceIds = [`${name}/gpu=${claim.name}`]
        return [{ requestNames: ['gpu'], poolName: 'node', deviceName: 'gpu-0', cdiDeviceIds }]
      },
      unprepare: (claim) => did(`unprepare ${claim.name}`),
      registered: (error) => driver.told.push(error),
    },
    options,
  )
  driver.stop = stop
  return driver
}

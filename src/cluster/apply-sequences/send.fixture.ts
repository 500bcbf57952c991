import type { Transport } from '../../client/transport.ts'
import { sleep, systemClock } from '../../machinery/clock.ts'
import type { ApiError } from '../../machinery/errors.ts'
import type { Send } from './run-sequence.fixture.ts'
import { collections, thingDefinition } from './step.fixture.ts'

export function sendOver(transport: Transport): Send {
  return async ({ method, path, query, contentType, body }) => {
    try {
      return await transport.request({ method: method as 'GET', path, query, contentType, body })
    } catch (error) {
      const { status } = error as Partial<ApiError>
      if (status === undefined) throw error
      return {
        status: status.code,
        body: status,
      }
    }
  }
}

/** Makes the custom kind of the sequences, and waits until it is served. */
export async function serveThings(send: Send): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  await send({ method: 'POST', path, query: {}, contentType: 'application/json', body: thingDefinition })
  for (let attempt = 0; attempt < 100; attempt++) {
    const { status } = await send({ method: 'GET', path: collections.Thing, query: {}, contentType: '' })
    if (status === 200) return
    await sleep(systemClock, 50)
  }
  throw new Error('the custom kind is not served')
}

import { notFound } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { StoredObject } from '../cache/stored-object.ts'
import type { Answer } from '../answer.ts'
import { convertAnswer } from '../handlers/convert-answer.ts'
import type { Resource } from '../handlers/resource.ts'
import { offerOf } from '../handlers/resource.ts'
import type { HandlerServices } from '../handlers/services.ts'
import { negotiate } from '../negotiation/accept.ts'
import type { RequestContext } from '../request-context.ts'

/** What a component answered when it was asked how it is. */
export interface ComponentAnswer {
  readonly healthy: boolean
  readonly message: string
}
/** How a component is, by name; what is thrown is that the question failed (pkg/registry/core/componentstatus). */
export type ComponentProbes = Readonly<Record<string, () => Promise<ComponentAnswer>>>

/** `componentstatuses`: made up when asked for. Deprecated since v1.19, and still there. */
export async function componentStatuses(
  context: RequestContext,
  resource: Resource,
  services: HandlerServices,
  probes: ComponentProbes,
): Promise<Answer> {
  const { definition } = resource
  const { info, request } = context
  const accept = negotiate(request.headers['accept'], offerOf(definition))
  context.warnings.add(definition.deprecation ?? '')
  const answer = await made()
  if (accept.convert === undefined) return answer
  return convertAnswer(answer, accept.convert, request.query, services.clock.now())

  async function made(): Promise<Answer> {
    if (info.name !== '' && info.verb === 'get') {
      const probe = Object.hasOwn(probes, info.name) ? probes[info.name] : undefined
      if (probe === undefined) throw notFound({ group: '', resource: 'componentstatus' }, info.name)
      return { type: 'stored', code: 200, definition, object: await statusOf(info.name, probe) }
    }
    const items = await Promise.all(Object.entries(probes).map(([name, probe]) => statusOf(name, probe)))
    return { type: 'list', code: 200, definition, metadata: {}, items }
  }
}

async function statusOf(name: string, probe: ComponentProbes[string]): Promise<StoredObject> {
  let condition: Record<string, string>
  try {
    const { healthy, message } = await probe()
    condition = { type: 'Healthy', status: healthy ? 'True' : 'False', message }
  } catch (error) {
    condition = { type: 'Healthy', status: 'Unknown', error: (error as Error).message }
  }
  const object = { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] }
  return StoredObject.encode(name, object as KubeObject, 0, 0)
}

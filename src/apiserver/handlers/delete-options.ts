import { invalid } from '../../machinery/errors.ts'
import { isObject } from '../../machinery/json.ts'
import { validateDeleteOptions } from '../../machinery/validation/request-options.ts'
import { decodeOptions, inputMediaType } from '../negotiation/decode-body.ts'
import { allMediaTypes } from '../negotiation/media-type.ts'
import type { DeleteOptions } from '../registry/deletion.ts'
import type { RequestContext } from '../request-context.ts'
import type { Query } from '../routing/query.ts'
import { booleanOption, integerOption } from './query-options.ts'

/** The options of a DELETE: of its body when it has one, else of its query (handlers/delete.go). */
export async function readDeleteOptions({ request, audit }: RequestContext): Promise<DeleteOptions> {
  const body = await request.body()
  const empty = body.type === 'bytes' ? body.bytes.byteLength === 0 : body.object === undefined
  const contentType = request.headers['content-type']
  const sent = empty
    ? undefined
    : await decodeOptions(body, inputMediaType(contentType, allMediaTypes), 'DeleteOptions')
  if (sent !== undefined) audit?.sentPatch(sent)
  const options = sent === undefined ? fromQuery(request.query) : fromObject(sent)
  const errors = validateDeleteOptions(options)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  return options
}

const unsafe = 'ignoreStoreReadErrorWithClusterBreakingPotential'

function fromQuery(query: Query): DeleteOptions {
  const has = (name: string) => query.has(name)
  return {
    gracePeriodSeconds: integerOption(query, 'gracePeriodSeconds'),
    orphanDependents: has('orphanDependents') ? booleanOption(query, 'orphanDependents') : undefined,
    propagationPolicy: query.get('propagationPolicy') || undefined,
    dryRun: query.all('dryRun'),
    // The version that a list is asked for, too: upstream reads both from one query (meta/v1 conversion.go).
    ...((has('uid') || has('resourceVersion')) && {
      preconditions: {
        uid: query.get('uid') || undefined,
        resourceVersion: query.get('resourceVersion') || undefined,
      },
    }),
    ...(booleanOption(query, unsafe) && { [unsafe]: true }),
  }
}

function fromObject(object: Readonly<Record<string, unknown>>): DeleteOptions {
  const { gracePeriodSeconds, orphanDependents, propagationPolicy, dryRun, preconditions } = object
  const conditions = isObject(preconditions) ? preconditions : undefined
  return {
    gracePeriodSeconds: typeof gracePeriodSeconds === 'number' ? gracePeriodSeconds : undefined,
    orphanDependents: typeof orphanDependents === 'boolean' ? orphanDependents : undefined,
    propagationPolicy: typeof propagationPolicy === 'string' ? propagationPolicy : undefined,
    dryRun: Array.isArray(dryRun) ? dryRun.filter((value) => typeof value === 'string') : [],
    preconditions: conditions && {
      uid: typeof conditions['uid'] === 'string' ? conditions['uid'] : undefined,
      resourceVersion: typeof conditions['resourceVersion'] === 'string' ? conditions['resourceVersion'] : undefined,
    },
    ...(object[unsafe] === true && { [unsafe]: true }),
  }
}

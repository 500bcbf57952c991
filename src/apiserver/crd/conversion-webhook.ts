import type { WebhookClientConfig } from '../../api/types.generated.ts'
import { aggregate, ApiError } from '../../machinery/errors.ts'
import { errorText } from '../../machinery/field-error.ts'
import { isObject } from '../../machinery/json.ts'
import { parseApiVersion, type KubeObject } from '../../machinery/meta/object.ts'
import { validateLabels } from '../../machinery/validation/label-selector.ts'
import { validateAnnotations } from '../../machinery/validation/object-meta.ts'
import type { Random } from '../../machinery/random.ts'
import type { WebhookClient } from '../admission/webhook/webhook-client.ts'
import type { ConvertRemotely } from './custom-form.ts'

const timeoutSeconds = 30
const knownVersions: readonly string[] = ['v1', 'v1beta1']

/** Conversion by a definition's webhook (apiextensions pkg/apiserver/conversion/webhook_converter.go). */
export function conversionWebhook({
  client,
  random,
}: {
  readonly client: Pick<WebhookClient, 'post'>
  readonly random: Random
}): ConvertRemotely {
  return async (crd, apiVersion, objects) => {
    const first = objects[0]!
    const subject = `conversion webhook for ${gvkText(first)}`
    const { clientConfig, conversionReviewVersions } = crd.spec.conversion?.webhook ?? {}
    const version = (conversionReviewVersions ?? []).find((one) => knownVersions.includes(one))
    if (version === undefined) throw failed('no supported conversion review versions')
    const uid = random.uuid()
    const sent = objects.map(withoutRevision)
    let response: readonly unknown[]
    try {
      const review = {
        kind: 'ConversionReview',
        apiVersion: `apiextensions.k8s.io/${version}`,
        request: { uid, desiredAPIVersion: apiVersion, objects: sent },
      }
      const answer = await client.post((clientConfig ?? {}) as WebhookClientConfig, review, timeoutSeconds)
      response = convertedObjects(answer, version, uid)
    } catch (error) {
      throw failed(`${subject} failed: ${(error as Error).message}`)
    }
    if (response.length !== sent.length)
      throw failed(`${subject} returned ${response.length} objects, expected ${sent.length}`)
    return response.map((made, index) => {
      const place = sent.length === 1 ? 'invalid object at index 0' : `invalid converted object at index ${index}`
      const object = (isObject(made) ? made : {}) as unknown as KubeObject
      const { kind } = sent[index]!
      if (object.apiVersion !== apiVersion)
        throw failed(
          `${subject} returned ${place}: invalid groupVersion (expected ${apiVersion}, received ${object.apiVersion ?? ''})`,
        )
      if (object.kind !== kind)
        throw failed(
          `${subject} returned ${place}: invalid kind (expected ${kind}, received ${(object.kind as string) ?? ''})`,
        )
      try {
        sameObject(sent[index]!, object)
      } catch (error) {
        const where = sent.length === 1 ? 'object' : `converted object at index ${index}`
        throw failed(`${subject} returned invalid ${where}: ${(error as Error).message}`)
      }
      try {
        return withMetadataOf(objects[index]!, object)
      } catch (error) {
        const where = sent.length === 1 ? '' : ` in object at index ${index}`
        throw failed(`${subject} returned invalid metadata${where}: ${(error as Error).message}`)
      }
    })
  }
}

const failed = (message: string): ApiError => new ApiError({ code: 500, message })

function gvkText({ apiVersion, kind }: KubeObject): string {
  const { group, version } = parseApiVersion(apiVersion)
  return `${group}/${version}, Kind=${kind}`
}

/** Objects are converted as they lie in the store, where they have no revision. */
function withoutRevision(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

function convertedObjects(answer: unknown, version: string, uid: string): readonly unknown[] {
  const review = isObject(answer) ? answer : {}
  const { response } = review
  if (version === 'v1' && (review.apiVersion !== 'apiextensions.k8s.io/v1' || review.kind !== 'ConversionReview')) {
    const received = gvkText(review as unknown as KubeObject)
    throw new Error(`expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got ${received}`)
  }
  if (!isObject(response)) throw new Error('no response provided')
  if (version === 'v1' && response.uid !== uid)
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`)
  const result = isObject(response.result) ? response.result : {}
  if (result.status !== 'Success')
    throw new Error(
      typeof result.message === 'string' && result.message !== ''
        ? result.message
        : `response.result.status was '${(result.status as string) ?? ''}', not 'Success'`,
    )
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : []
}

function sameObject(given: KubeObject, made: KubeObject): void {
  const same = (what: string, before = '', after = '') => {
    if (before !== after) throw new Error(`must have the same ${what}: ${before} != ${after}`)
  }
  same('name', given.metadata.name, made.metadata?.name)
  same('namespace', given.metadata.namespace, made.metadata?.namespace)
  same('UID', given.metadata.uid, made.metadata?.uid)
}

/** Of the metadata a webhook may change labels and annotations alone (restoreObjectMeta). */
function withMetadataOf(given: KubeObject, made: KubeObject): KubeObject {
  if (made.metadata === undefined) throw new Error('missing metadata in converted object')
  const { labels: oldLabels = {}, annotations: oldAnnotations = {}, ...kept } = given.metadata
  const labels = textsOf('labels', made.metadata.labels, oldLabels)
  const annotations = textsOf('annotations', made.metadata.annotations, oldAnnotations)
  return { ...made, metadata: { ...kept, ...(labels && { labels }), ...(annotations && { annotations }) } }
}

function textsOf(
  field: 'labels' | 'annotations',
  made: unknown,
  before: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  if (made === undefined || made === null) return undefined
  if (!isObject(made)) throw new Error(`invalid metadata.${field} of type ${typeof made} in converted object`)
  const texts = made as Record<string, string>
  for (const [key, value] of Object.entries(texts))
    if (typeof value !== 'string')
      throw new Error(`metadata.${field}[${key}] must be a string, but is ${typeof value} in converted object`)
  const changed =
    Object.keys(before).length !== Object.keys(texts).length ||
    Object.entries(texts).some(([key, value]) => before[key] !== value)
  const errors = !changed
    ? []
    : field === 'labels'
      ? validateLabels(texts, 'metadata.labels')
      : validateAnnotations(texts, 'metadata.annotation')
  if (errors.length > 0) throw new Error(aggregate(errors.map(errorText)))
  return texts
}

import { isAbsolute, join } from 'node:path'
import type { Pod } from '../../../api/types.generated.ts'
import { ApiError } from '../../../machinery/errors.ts'
import { isObject } from '../../../machinery/json.ts'
import { formatGoDuration } from '../../../machinery/go-duration.ts'
import { boolean, integer, object, string, type ValueOf } from '../../options/config-shape.ts'
import { createKubeconfigWebhook } from '../../webhook/kubeconfig-webhook.ts'
import { objectOf, refusal } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

export const imagePolicyShape = object({
  imagePolicy: object({
    kubeConfigFile: string,
    allowTTL: integer,
    denyTTL: integer,
    retryBackoff: integer,
    defaultAllow: boolean,
  }),
})
export type ImagePolicyConfiguration = ValueOf<typeof imagePolicyShape>

const auditPrefix = 'imagepolicywebhook.image-policy.k8s.io/'
const maxAnswers = 1024
const second = 1000
const minute = 60 * second

interface ImageReviewStatus {
  readonly allowed?: boolean
  readonly reason?: string
  readonly auditAnnotations?: Readonly<Record<string, string>>
}

/**
 * A service decides which images may run (plugin/pkg/admission/imagepolicy). `folder`: what the path of its kubeconfig starts
 * from. Throws an Error for a wrong configuration.
 */
export function createImagePolicyWebhook(
  { clock, random }: Pick<AdmissionServices, 'clock' | 'random'>,
  configuration: ImagePolicyConfiguration | undefined,
  folder = '.',
): AdmissionPlugin {
  if (configuration === undefined) throw new Error('no config specified')
  const { kubeConfigFile, defaultAllow, ...times } = configuration.imagePolicy
  const initialBackoffMs = timeOf(times.retryBackoff, 1, [0, 5 * minute], 500)
  const allowMs = timeOf(times.allowTTL, second, [second, 30 * minute], 5 * minute)
  const denyMs = timeOf(times.denyTTL, second, [second, 30 * minute], 30 * second)
  const path = isAbsolute(kubeConfigFile) ? kubeConfigFile : join(folder, kubeConfigFile)
  const webhook = createKubeconfigWebhook({ path, clock, random })
  const known = new Map<string, { readonly status: ImageReviewStatus; readonly until: number }>()

  async function review(spec: object): Promise<ImageReviewStatus> {
    const key = JSON.stringify(spec)
    const entry = known.get(key)
    if (entry !== undefined && clock.monotonic() < entry.until) return entry.status
    const asked = { kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', metadata: {}, spec, status: {} }
    const answer = await webhook.post(asked, { initialBackoffMs })
    const status: ImageReviewStatus = isObject(answer) && isObject(answer['status']) ? answer['status'] : {}
    const ttl = status.allowed === true ? allowMs : denyMs
    known.delete(key)
    if (known.size >= maxAnswers) known.delete(known.keys().next().value!)
    if (ttl > 0) known.set(key, { status, until: clock.monotonic() + ttl })
    return status
  }

  return {
    name: 'ImagePolicyWebhook',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    async validate(attributes) {
      const containers = imagesOf(attributes)
      if (containers === undefined) return
      const { metadata } = objectOf<Pod>(attributes)
      const told = Object.entries(metadata.annotations ?? {}).filter(([key]) => key.includes('.image-policy.k8s.io/'))
      let status: ImageReviewStatus
      try {
        status = await review({
          containers,
          annotations: told.length > 0 ? Object.fromEntries(told) : undefined,
          namespace: attributes.namespace,
        })
      } catch (error) {
        if (!(error instanceof ApiError || error instanceof Error)) throw error
        if (!defaultAllow) throw refusal(attributes, error.message)
        attributes.annotate(`${auditPrefix}failed-open`, 'true')
        return
      }
      for (const [key, value] of Object.entries(status.auditAnnotations ?? {}))
        attributes.annotate(auditPrefix + key, value)
      if (status.allowed === true) return
      throw refusal(
        attributes,
        status.reason
          ? `image policy webhook backend denied one or more images: ${status.reason}`
          : 'one or more images rejected by webhook backend',
      )
    },
  }
}

/** Undefined: the request runs no image. */
function imagesOf(attributes: AdmissionAttributes): readonly { readonly image: string | undefined }[] | undefined {
  const { resource, subresource } = attributes
  if (resource.group !== '' || resource.resource !== 'pods') return undefined
  const { spec } = objectOf<Pod>(attributes)
  if (subresource === 'ephemeralcontainers') return (spec.ephemeralContainers ?? []).map(({ image }) => ({ image }))
  if (subresource !== '') return undefined
  return [...spec.containers, ...(spec.initContainers ?? [])].map(({ image }) => ({ image }))
}

/** 0: the usual time; -1: none. */
function timeOf(value: number, scaleMs: number, [min, max]: readonly [number, number], usual: number): number {
  if (value === -1) return 0
  if (value === 0) return usual
  const ms = value * scaleMs
  const text = (one: number) => formatGoDuration(one * 1e6)
  if (ms < min || ms > max) throw new Error(`valid value is between ${text(min)} and ${text(max)}, got ${text(ms)}`)
  return ms
}

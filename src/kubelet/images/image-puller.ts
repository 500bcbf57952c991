import type { Pod, Secret } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import { StartError } from '../execution/start-error.ts'
import { BackOff } from '../lifecycle/back-off.ts'
import { goDuration } from '../lifecycle/go-duration.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { PodSandboxConfig } from '../runtimes/types.ts'
import { parseImageName, withDefaultTag } from './image-name.ts'
import type { PullRecords } from './pull-records.ts'
import { credentialsFor } from './pull-credentials.ts'

export type TellEvent = (type: 'Normal' | 'Warning', reason: string, message: string) => void

export interface ImageRequest {
  readonly pod: Pod
  /** As the pod's author wrote it. */
  readonly image: string
  readonly policy: 'Always' | 'IfNotPresent' | 'Never'
  readonly secrets: readonly Secret[]
  readonly sandbox: PodSandboxConfig
  /** Tells the pod's author, in the name of the container. */
  readonly tell: TellEvent
}

/** Sees to it that images are there before containers start (upstream: pkg/kubelet/images/image_manager.go). */
export interface ImagePuller {
  /** The runtime's reference of the image. Throws a StartError. */
  ensure(request: ImageRequest): Promise<string>
  /** When a pull of the pod's image may be tried again (epoch ms), if it has to wait. */
  retryAt(pod: Pod, image: string): number | undefined
}

/** Told of what was asked for and done. */
export interface ImageMetrics {
  /** `present`: undefined when nobody looked. */
  ensured(policy: string, present: boolean | undefined, mustPull: boolean): void
  pulled(pod: Pod, ms: number): void
}

const quoted = (text: string) => JSON.stringify(text)

export function createImagePuller({
  runtime,
  clock,
  records,
  metrics,
}: {
  readonly runtime: Runtime
  readonly clock: Clock
  readonly records: PullRecords
  readonly metrics?: ImageMetrics
}): ImagePuller {
  const backOff = new BackOff({ clock, initialMs: 10_000, maxMs: 300_000 })
  const lastFailure = new Map<string, string>()
  const keyOf = (pod: Pod, image: string) => `${pod.metadata.uid}_${image}`

  return {
    retryAt: (pod, image) => backOff.waitUntilSinceFailure(keyOf(pod, image)),
    async ensure(request) {
      const { image, policy, tell } = request
      const name = tagged(request)
      if (policy !== 'Always') {
        const present = await inspect(request, name)
        if (present !== undefined && isAllowed(request, name, present)) {
          tell(
            'Normal',
            'Pulled',
            `Container image ${quoted(image)} already present on machine and can be accessed by the pod`,
          )
          metrics?.ensured(policy, true, false)
          return present
        }
        // Whether an image is here is not for those to know who may not use it.
        if (policy === 'Never') {
          metrics?.ensured(policy, present !== undefined, present !== undefined)
          const message = `Container image ${quoted(image)} is not present with pull policy of Never`
          tell('Warning', 'ErrImageNeverPull', message)
          throw new StartError('ErrImageNeverPull', message)
        }
      }
      const pulling = pull(request, name)
      if (policy === 'Always') metrics?.ensured(policy, undefined, true)
      else metrics?.ensured(policy, false, true)
      return pulling
    },
  }

  function isAllowed({ image, secrets }: ImageRequest, name: string, imageRef: string): boolean {
    const { repository } = parseImageName(name)
    const shown = credentialsFor(repository, secrets).map(({ source }) => source)
    return !records.mustPull(image, repository, imageRef, shown)
  }

  function tagged({ image, tell }: ImageRequest): string {
    try {
      return withDefaultTag(image)
    } catch (error) {
      const message = `Failed to apply default image tag ${quoted(image)}: ${(error as Error).message}`
      tell('Warning', 'InspectFailed', message)
      throw new StartError('InvalidImageName', message)
    }
  }

  async function inspect({ tell }: ImageRequest, name: string): Promise<string | undefined> {
    try {
      return (await runtime.imageStatus({ image: name }))?.id
    } catch (error) {
      const message = `Failed to inspect image "": ${(error as Error).message}`
      tell('Warning', 'InspectFailed', message)
      throw new StartError('ImageInspectError', message, { cause: error })
    }
  }

  async function pull(request: ImageRequest, name: string): Promise<string> {
    const { pod, image, tell } = request
    const key = keyOf(pod, image)
    if (backOff.waitUntilSinceFailure(key) !== undefined) {
      const message = `Back-off pulling image ${quoted(image)}`
      tell('Normal', 'BackOff', message)
      const before = lastFailure.get(key)
      throw new StartError('ImagePullBackOff', before === undefined ? message : `${message}: ${before}`)
    }
    lastFailure.delete(key)
    tell('Normal', 'Pulling', `Pulling image ${quoted(image)}`)
    const started = clock.monotonic()
    try {
      const reference = await pullWithAny(request, name)
      metrics?.pulled(pod, clock.monotonic() - started)
      const took = goDuration(Math.trunc(clock.monotonic() - started))
      const size = (await runtime.imageStatus({ image: reference }))?.sizeBytes ?? 0
      const message = `Successfully pulled image ${quoted(image)} in ${took} (${took} including waiting). Image size: ${size} bytes.`
      tell('Normal', 'Pulled', message)
      backOff.collect()
      return reference
    } catch (error) {
      const { message } = error as Error
      tell('Warning', 'Failed', `Failed to pull image ${quoted(image)}: ${message}`)
      backOff.next(key, clock.now())
      const failure = pullFailure(image, message)
      lastFailure.set(key, `${failure.reason}: ${failure.message}`)
      throw failure
    }
  }

  /** With each set of credentials that fits, until one is good. */
  async function pullWithAny(request: ImageRequest, name: string): Promise<string> {
    const fitting = credentialsFor(parseImageName(name).repository, request.secrets)
    let failure: unknown
    const { repository } = parseImageName(name)
    records.begin(request.image)
    for (const { source, ...credentials } of fitting.length > 0 ? fitting : [{ source: undefined }]) {
      try {
        const { annotations } = request.pod.metadata
        const login = 'username' in credentials ? credentials : undefined
        const reference = await runtime.pullImage({ image: name, annotations }, login, request.sandbox)
        records.pulled(request.image, repository, reference, source)
        return reference
      } catch (error) {
        failure = error
      }
    }
    records.failed(request.image)
    throw failure
  }
}

function pullFailure(image: string, message: string): StartError {
  const known = {
    RegistryUnavailable: 'the registry is unavailable',
    SignatureValidationFailed: 'the signature validation failed',
  } as const
  for (const reason of ['RegistryUnavailable', 'SignatureValidationFailed'] as const) {
    if (message.startsWith(reason)) {
      const detail = message.slice(reason.length)
      return new StartError(reason, `image pull failed for ${image} because ${known[reason]}${detail}`)
    }
  }
  return new StartError('ErrImagePull', message)
}

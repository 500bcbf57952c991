import { DeviceExpressionError } from '../../../../api/resource/v1/device-selector.ts'
import type {
  DeviceAttribute,
  DeviceClass,
  DeviceSelector,
  Node,
  ResourceClaim,
} from '../../../../api/types.generated.ts'
import { keyOf } from '../../../../client/informer.ts'
import { AllocationError } from './allocation-error.ts'
import type { AllocatorFeatures } from './allocator-features.ts'
import { publishedAttribute } from './claim-constraints.ts'
import type { Candidate, WantedDevices } from './claim-requests.ts'
import type { ExpressionCache } from './expression-cache.ts'
import { isForNode } from './device-pools.ts'

/** Whether devices suit requests, whoever has them; asked once for each pair of them. */
export class DeviceMatcher {
  readonly #node: Node
  readonly #features: AllocatorFeatures
  readonly #expressions: ExpressionCache
  readonly #known = new Map<string, Map<string, boolean>>()
  readonly #derived = new Map<string, DeviceAttribute>()

  constructor(node: Node, features: AllocatorFeatures, expressions: ExpressionCache) {
    this.#node = node
    this.#features = features
    this.#expressions = expressions
  }

  /** `id` names the request among all. Throws AllocationError where an expression fails. */
  suits(
    id: string,
    claim: ResourceClaim,
    wanted: WantedDevices & { class: DeviceClass },
    candidate: Candidate,
  ): boolean {
    const { device, key } = candidate
    if (!this.#features.deviceBindingAndStatus && (device.bindingConditions ?? []).length > 0) return false
    let known = this.#known.get(id)
    if (known === undefined) this.#known.set(id, (known = new Map<string, boolean>()))
    let suits = known.get(key)
    if (suits === undefined) {
      suits =
        this.#selected(`class ${wanted.class.metadata.name}`, wanted.class.spec.selectors ?? [], candidate) &&
        this.#selected(`claim ${keyOf(claim)}`, wanted.selectors, candidate) &&
        (candidate.slice.spec.perDeviceNodeSelection !== true || isForNode(this.#node, device))
      known.set(key, suits)
    }
    return suits
  }

  /** An attribute as a request sees it: derived, or else as published. */
  attribute({ derivedAttributes }: WantedDevices, candidate: Candidate, name: string): DeviceAttribute | undefined {
    const { device, slice, key } = candidate
    const derived = derivedAttributes.find((each) => each.name === name)
    if (derived === undefined) return publishedAttribute(device, slice.spec.driver, name)
    const id = `${key} ${derived.expression}`
    const known = this.#derived.get(id)
    if (known !== undefined) return known
    const compiled = explained(`compile derived attribute ${name} failed`, () =>
      this.#expressions.get(derived.expression, 'attribute'),
    )
    const value = explained(`evaluate derived attribute ${name} on device ${key} failed`, () =>
      compiled.derive(slice.spec.driver, device),
    )
    this.#derived.set(id, value)
    return value
  }

  #selected(whose: string, selectors: readonly DeviceSelector[], { key, device, slice }: Candidate): boolean {
    return selectors.every(({ cel }, index) => {
      const selector = `${whose}: selector #${index}`
      const compiled = explained(`${selector}: CEL compile error`, () => this.#expressions.get(cel?.expression ?? ''))
      return explained(`${selector} on device ${key}: CEL runtime error`, () =>
        compiled.matches(slice.spec.driver, device),
      )
    })
  }
}

function explained<Answer>(what: string, ask: () => Answer): Answer {
  try {
    return ask()
  } catch (error) {
    if (!(error instanceof DeviceExpressionError)) throw error
    throw new AllocationError(`${what}: ${error.message}`, { cause: error })
  }
}

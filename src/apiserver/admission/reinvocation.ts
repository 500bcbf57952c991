import type { AdmissionAttributes } from './plugin.ts'

/**
 * Mutating admission runs a second time when a webhook changed the object: what ran before it sees the change
 * (apiserver pkg/admission/reinvocation.go).
 */
export class Reinvocation {
  isReinvoke = false
  #wanted = false
  readonly #values = new Map<string, unknown>()

  request(): void {
    this.#wanted = true
  }
  get wanted(): boolean {
    return this.#wanted
  }
  /** What a plugin remembers from the first run to the second. */
  state<T>(plugin: string, make: () => T): T {
    if (!this.#values.has(plugin)) this.#values.set(plugin, make())
    return this.#values.get(plugin) as T
  }
}

const contexts = new WeakMap<AdmissionAttributes, Reinvocation>()

/** Whether mutating admission of this request must run again; from now on it is its second run. */
export function beginReinvocation(attributes: AdmissionAttributes): boolean {
  const context = contexts.get(attributes)
  if (context === undefined || !context.wanted || context.isReinvoke) return false
  context.isReinvoke = true
  return true
}

/** That of the request; the chain keeps it as long as the attributes live. */
export function reinvocationOf(attributes: AdmissionAttributes): Reinvocation {
  let context = contexts.get(attributes)
  if (context === undefined) contexts.set(attributes, (context = new Reinvocation()))
  return context
}

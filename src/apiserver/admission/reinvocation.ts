import { jsonEqual } from '../../machinery/json.ts'
import type { AdmissionAttributes } from './plugin.ts'

/**
 * Mutating admission runs a second time when a webhook changed the object: what ran before it sees the change
 * (apiserver pkg/admission/reinvocation.go).
 */
export class Reinvocation {
  isReinvoke = false
  #wanted = false
  readonly #memories = new Map<string, ReinvocationMemory>()

  request(): void {
    this.#wanted = true
  }
  get wanted(): boolean {
    return this.#wanted
  }
  /** What a plugin remembers from the first run to the second; tells it, too, what others have changed since. */
  memory(plugin: string, object: unknown): ReinvocationMemory {
    let memory = this.#memories.get(plugin)
    if (memory === undefined) this.#memories.set(plugin, (memory = new ReinvocationMemory()))
    if (this.isReinvoke && !jsonEqual(memory.output, object)) memory.requireReinvoke()
    return memory
  }
}

/** Which of a plugin's parts (webhooks, policies) run a second time (webhookReinvokeContext, policyReinvokeContext). */
export class ReinvocationMemory {
  /** The object after the last part of the first run. */
  output: unknown
  /** Those that ask for a second run if anything changes after them. */
  readonly reinvocable = new Set<string>()
  readonly reinvoke = new Set<string>()

  /** The object changed: all that ran before and ask for it run again. */
  requireReinvoke(): void {
    for (const key of this.reinvocable) this.reinvoke.add(key)
    this.reinvocable.clear()
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

import type { Case, Memory, Phase } from '../cases/case.ts'
import type { Answer, Send } from '../servers/client.ts'
import { explained } from '../explained.ts'
import { differences, type Difference } from './differences.ts'
import { normalized } from './normalize.ts'

export interface Side {
  readonly send: Send
  readonly memory: Memory
}

export interface Outcome {
  readonly kind: string
  readonly name: string
  /** Those that nothing explains. */
  readonly differences: readonly Difference[]
  readonly reasons: readonly string[]
}

const atOnce = 8

/** Runs the phases one after the other, on both sides at once. */
export async function runPhases(phases: readonly Phase[], upstream: Side, skiff: Side): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { cases, inOrder } of phases) {
    const waiting = cases.values()
    const results = new Map<Case, Outcome>()
    const worker = async () => {
      for (const one of waiting) results.set(one, await runCase(one, upstream, skiff))
    }
    await Promise.all(Array.from({ length: inOrder === true ? 1 : atOnce }, worker))
    outcomes.push(...cases.map((one) => results.get(one)!))
  }
  return outcomes
}

async function runCase(one: Case, upstream: Side, skiff: Side): Promise<Outcome> {
  const [theirs, ours] = await Promise.all([answersOf(one, upstream), answersOf(one, skiff)])
  const found: Difference[] = []
  for (let index = 0; index < Math.max(theirs.length, ours.length); index++) {
    const [their, our] = [theirs[index], ours[index]]
    const at = theirs.length > 1 ? `step ${index + 1} ` : ''
    if (!their || !our) found.push({ path: `${at}answer`, upstream: their?.status, skiff: our?.status })
    else
      found.push(...differences(normalized(their), normalized(our)).map((each) => ({ ...each, path: at + each.path })))
  }
  const reasons = new Set<string>()
  const unexplained = found.filter((difference) => {
    const reason = explained.find((each) => each.explains(difference, one.kind, one.name))
    if (reason) reasons.add(reason.reason)
    return reason === undefined
  })
  return { kind: one.kind, name: one.name, differences: unexplained, reasons: [...reasons] }
}

/** A request that gets no answer is an answer of its own kind. */
async function answersOf(one: Case, { send, memory }: Side): Promise<readonly Answer[]> {
  try {
    return await one.run(send, memory)
  } catch (error) {
    return [{ status: 0, headers: {}, body: String(error) }]
  }
}

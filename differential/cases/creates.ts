import { systemClock } from '../../src/machinery/clock.ts'
import type { Declared, Json } from '../objects.ts'
import { collectionPath, kindName } from '../objects.ts'
import type { Answer } from '../servers/client.ts'
import type { Case } from './case.ts'
import { withValue } from './json-path.ts'
import { mutationsOf, mutationText } from './mutations.ts'

/** Where an object's case leaves what the server made of it. */
export const memoryKey = ({ facts, manifest }: Declared): string => `${kindName(facts)} ${manifest.metadata.name ?? ''}`

/** Every declared object is made; later cases change what came of it. */
export function createCases(objects: readonly Declared[]): Case[] {
  return objects.map((declared) => ({
    kind: kindName(declared.facts),
    name: `create ${declared.manifest.metadata.name ?? ''}`,
    async run(send, memory) {
      if (declared.facts.kind === 'CustomResourceDefinition') await beginningOfSecond()
      const answer = await send({ method: 'POST', path: collectionPath(declared.facts), body: declared.manifest })
      if (answer.status < 300) memory.set(memoryKey(declared), JSON.parse(answer.body))
      return [inAnyOrder(declared, answer)]
    },
  }))
}

/** So that what a server then writes of its own, its managers say to be of the same second. */
async function beginningOfSecond(): Promise<void> {
  const passed = systemClock.now() % 1000
  if (passed > 200) await new Promise<void>((resolve) => systemClock.after(1010 - passed, resolve))
}

/** Each declared object with one field changed, created as a dry run. */
export function createMutationCases(objects: readonly Declared[]): Case[] {
  const seen = new Set<string>()
  return objects.flatMap((declared) => {
    const { facts, schema, manifest } = declared
    const name = manifest.metadata.name
    // A name of its own: the object itself is there already.
    const fresh = name === undefined ? manifest : withValue(manifest, ['metadata', 'name'], otherName(name))
    return mutationsOf(schema, manifest as unknown as Json, [], { seen, additions: true }).map((mutation) => ({
      kind: kindName(facts),
      name: `create ${name ?? ''} with ${mutationText(mutation)}`,
      run: async (send) => [
        inAnyOrder(
          declared,
          await send({
            method: 'POST',
            path: `${collectionPath(facts)}?dryRun=All&fieldValidation=Strict`,
            body: withValue(fresh, mutation.path, mutation.value),
          }),
        ),
      ],
    }))
  })
}

/** Another name that follows the same rules: names of CRDs and APIServices say what is inside, addresses are addresses. */
function otherName(name: string): string {
  if (/^[0-9.]+$/.test(name)) return name.replace(/\d+$/, '99')
  return name.startsWith('v1.') || name.endsWith('s.example.com') ? name : `${name}-2`
}

/** Upstream gathers the rules of a user from caches that it walks at random. */
export function inAnyOrder({ facts }: Declared, answer: Answer): Answer {
  if (facts.kind !== 'SelfSubjectRulesReview' || answer.status !== 201) return answer
  const review = JSON.parse(answer.body) as { readonly status: Readonly<Record<string, unknown>> }
  const sorted = (rules: unknown) =>
    Array.isArray(rules) ? rules.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : rules
  const status = Object.fromEntries(Object.entries(review.status).map(([name, value]) => [name, sorted(value)]))
  return { ...answer, body: JSON.stringify({ ...review, status }) }
}

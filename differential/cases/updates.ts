import type { Declared, Json } from '../objects.ts'
import { kindName, objectPath } from '../objects.ts'
import type { Case } from './case.ts'
import { memoryKey } from './creates.ts'
import { withValue } from './json-path.ts'
import { mutationsOf, mutationText } from './mutations.ts'

/** What was made, with one field changed, put back as a dry run. */
export function updateMutationCases(objects: readonly Declared[]): Case[] {
  const seen = new Set<string>()
  return objects
    .filter(({ facts }) => facts.verbs.includes('update'))
    .flatMap((declared) =>
      mutationsOf(declared.schema, declared.manifest as unknown as Json, [], { seen, additions: true }).map(
        (mutation) => ({
          kind: kindName(declared.facts),
          name: `update ${declared.manifest.metadata.name} with ${mutationText(mutation)}`,
          async run(send, memory) {
            const made = memory.get(memoryKey(declared))
            if (made === undefined) return []
            const body = withValue(made, mutation.path, mutation.value)
            return [
              await send({ method: 'PUT', path: `${objectPath(declared)}?dryRun=All&fieldValidation=Strict`, body }),
            ]
          },
        }),
      ),
    )
}

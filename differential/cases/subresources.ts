import { kindName, objectPath, type Declared, type Json } from '../objects.ts'
import type { Case } from './case.ts'
import { memoryKey } from './creates.ts'
import { valueAt, withValue } from './json-path.ts'
import { mutationsOf, mutationText } from './mutations.ts'

const has = ({ facts }: Declared, name: string) => facts.subresources?.some(([each]) => each === name) === true

/** Writes the declared status of what was made, and keeps the result. */
export function statusCases(objects: readonly Declared[]): Case[] {
  return objects
    .filter((each) => has(each, 'status') && each.manifest['status'] !== undefined)
    .map((declared) => ({
      kind: kindName(declared.facts),
      name: `put the status of ${declared.manifest.metadata.name}`,
      async run(send, memory) {
        const made = memory.get(memoryKey(declared))
        if (made === undefined) return []
        const body = withValue(made, ['status'], declared.manifest['status'] as Json | undefined)
        const answer = await send({ method: 'PUT', path: `${objectPath(declared)}/status`, body })
        if (answer.status < 300) memory.set(memoryKey(declared), JSON.parse(answer.body))
        return [answer]
      },
    }))
}

/** The status with one field changed, and what belongs to the other door changed at this one. */
export function statusMutationCases(objects: readonly Declared[]): Case[] {
  const seen = new Set<string>()
  return objects
    .filter((each) => has(each, 'status'))
    .flatMap((declared) => {
      const kind = kindName(declared.facts)
      const put = (name: string, change: (made: unknown) => unknown): Case => ({
        kind,
        name,
        async run(send, memory) {
          const made = memory.get(memoryKey(declared))
          if (made === undefined) return []
          return [await send({ method: 'PUT', path: `${objectPath(declared)}/status?dryRun=All`, body: change(made) })]
        },
      })
      const patch = (name: string, type: string, body: unknown): Case => ({
        kind,
        name,
        run: async (send) => [
          await send({
            method: 'PATCH',
            path: `${objectPath(declared)}/status?dryRun=All&fieldManager=m`,
            headers: { 'content-type': type },
            body: JSON.stringify(body),
          }),
        ],
      })
      const name = declared.manifest.metadata.name ?? ''
      const field = declared.schema.properties?.get('status')
      const status = declared.manifest['status'] as Json | undefined
      const { apiVersion } = declared.manifest
      return [
        ...(field === undefined || status === undefined
          ? []
          : mutationsOf(field.schema, status, ['status'], { seen, additions: true }).map((mutation) =>
              put(`status of ${name} with ${mutationText(mutation)}`, (made) =>
                withValue(made, mutation.path, mutation.value),
              ),
            )),
        put(`status of ${name} with labels`, (made) => withValue(made, ['metadata', 'labels'], { at: 'status' })),
        put(`status of ${name} without a spec`, (made) => withValue(made, ['spec'], undefined)),
        put(`status of ${name} without a status`, (made) => withValue(made, ['status'], undefined)),
        put(`status of ${name} with an old revision`, (made) => withValue(made, ['metadata', 'resourceVersion'], '1')),
        patch(`patch the status of ${name}`, 'application/merge-patch+json', {
          status: status ?? {},
          spec: { odd: 1 },
        }),
        patch(`patch the labels of ${name} at its status`, 'application/strategic-merge-patch+json', {
          metadata: { labels: { a: 'status' } },
        }),
        patch(`apply the status of ${name}`, 'application/apply-patch+yaml', {
          apiVersion,
          kind: declared.manifest.kind,
          metadata: { name },
          status: status ?? {},
        }),
        {
          kind,
          name: `get the status of ${name}`,
          run: async (send) => [await send({ method: 'GET', path: `${objectPath(declared)}/status` })],
        },
      ]
    })
}

const scales: readonly (readonly [string, readonly string[], Json | undefined])[] = [
  ['other replicas', ['spec', 'replicas'], 5],
  ['negative replicas', ['spec', 'replicas'], -1],
  ['no replicas', ['spec', 'replicas'], undefined],
  ['words', ['spec', 'replicas'], 'many'],
  ['no spec', ['spec'], undefined],
  ['an old revision', ['metadata', 'resourceVersion'], '1'],
  ['no revision', ['metadata', 'resourceVersion'], undefined],
  ['another name', ['metadata', 'name'], 'other'],
  ['another uid', ['metadata', 'uid'], '11111111-1111-4111-8111-111111111111'],
  ['another kind', ['kind'], 'Other'],
  ['another version', ['apiVersion'], 'apps/v1'],
  ['labels', ['metadata', 'labels'], { a: 'b' }],
  ['an unknown field', ['spec', 'odd'], 1],
  ['a status', ['status', 'replicas'], 77],
]

export function scaleCases(objects: readonly Declared[]): Case[] {
  return objects
    .filter((each) => has(each, 'scale'))
    .flatMap((declared) => {
      const kind = kindName(declared.facts)
      const path = `${objectPath(declared)}/scale`
      const name = declared.manifest.metadata.name ?? ''
      const patch = (label: string, type: string, body: unknown): Case => ({
        kind,
        name: `${label} the scale of ${name}`,
        run: async (send) => [
          await send({
            method: 'PATCH',
            path: `${path}?dryRun=All&fieldManager=m`,
            headers: { 'content-type': type },
            body: JSON.stringify(body),
          }),
        ],
      })
      return [
        ...scales.map(
          ([label, at, value]): Case => ({
            kind,
            name: `put the scale of ${name} with ${label}`,
            async run(send) {
              const scale = await send({ method: 'GET', path })
              const made: unknown = JSON.parse(scale.body)
              const body = valueAt(made, ['kind']) === 'Scale' ? withValue(made, at, value) : made
              return [scale, await send({ method: 'PUT', path: `${path}?dryRun=All&fieldValidation=Strict`, body })]
            },
          }),
        ),
        patch('merge', 'application/merge-patch+json', { spec: { replicas: 7 } }),
        patch('merge oddly', 'application/merge-patch+json', { spec: { replicas: -7 } }),
        patch('merge strategically', 'application/strategic-merge-patch+json', { spec: { replicas: 7 } }),
        patch('apply', 'application/apply-patch+yaml', {
          apiVersion: 'autoscaling/v1',
          kind: 'Scale',
          metadata: { name },
          spec: { replicas: 7 },
        }),
      ]
    })
}

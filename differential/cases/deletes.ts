import { collectionPath, kindName, objectPath, type Declared } from '../objects.ts'
import type { Answer, Send } from '../servers/client.ts'
import type { Case } from './case.ts'

const bodies: readonly (readonly [string, unknown])[] = [
  ['a wrong uid', { preconditions: { uid: '11111111-1111-4111-8111-111111111111' } }],
  ['a wrong resourceVersion', { preconditions: { resourceVersion: '1' } }],
  ['a negative grace period', { gracePeriodSeconds: -5 }],
  ['an odd policy', { propagationPolicy: 'Odd' }],
  ['two policies', { propagationPolicy: 'Orphan', orphanDependents: true }],
  ['an odd dry run', { dryRun: ['Some'] }],
  ['another kind', { kind: 'Pod', apiVersion: 'v1' }],
  ['its kind', { kind: 'DeleteOptions', apiVersion: 'v1' }],
  ['its kind in meta.k8s.io', { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1' }],
  ['unknown fields', { unknownField: 1 }],
  ['a wrong type', { gracePeriodSeconds: 'long' }],
  ['a list', []],
  ['an unsafe wish', { ignoreStoreReadErrorWithClusterBreakingPotential: true }],
  ['orphans', { propagationPolicy: 'Orphan' }],
  ['foreground', { propagationPolicy: 'Foreground' }],
  ['background', { propagationPolicy: 'Background', gracePeriodSeconds: 0 }],
]

function asDryRun(body: unknown): unknown {
  return Array.isArray(body) ? body : { dryRun: ['All'], ...(body as object) }
}

/** Deletions of the first object of each kind as a dry run, then, at the very end, of all objects. */
export function dryDeleteCases(firsts: readonly Declared[]): Case[] {
  return firsts
    .filter(({ facts }) => facts.verbs.includes('delete'))
    .flatMap((declared) => {
      const kind = kindName(declared.facts)
      const path = objectPath(declared)
      const queries = [
        '',
        '&gracePeriodSeconds=0',
        '&gracePeriodSeconds=x',
        '&propagationPolicy=Odd',
        '&orphanDependents=maybe',
      ]
      return [
        ...bodies.map(
          ([name, body]): Case => ({
            kind,
            name: `delete with ${name}`,
            // A body is the whole of the options: the query says nothing beside it.
            run: async (send) => [await send({ method: 'DELETE', path, body: asDryRun(body) })],
          }),
        ),
        ...queries.map(
          (query): Case => ({
            kind,
            name: `delete ?dryRun=All${query}`,
            run: async (send) => [await send({ method: 'DELETE', path: `${path}?dryRun=All${query}` })],
          }),
        ),
        {
          kind,
          name: 'delete ?dryRun=Odd',
          run: async (send) => [await send({ method: 'DELETE', path: `${path}?dryRun=Odd` })],
        },
      ]
    })
}

/** The GET after a deletion; of a definition, when its objects have been cleared away, which takes its time. */
async function gone(declared: Declared, send: Send): Promise<Answer> {
  const get = () => send({ method: 'GET', path: objectPath(declared) })
  let answer = await get()
  const cleared = declared.facts.kind === 'CustomResourceDefinition'
  for (let tries = 0; cleared && answer.status === 200 && tries < 500; tries++) answer = await get()
  return answer
}

export function deleteCases(objects: readonly Declared[]): Case[] {
  return objects
    .filter(({ facts }) => facts.verbs.includes('delete'))
    .map((declared) => ({
      kind: kindName(declared.facts),
      name: `delete ${declared.manifest.metadata.name}, then get it`,
      run: async (send) => [
        await send({ method: 'DELETE', path: objectPath(declared) }),
        await gone(declared, send),
        await send({ method: 'DELETE', path: objectPath(declared) }),
      ],
    }))
}

export function deleteCollectionCases(firsts: readonly Declared[]): Case[] {
  return firsts
    .filter(({ facts }) => facts.verbs.includes('deletecollection'))
    .flatMap(({ facts }) =>
      [
        'labelSelector=none%3Dsuch',
        'labelSelector=none%3Dsuch&dryRun=Odd',
        'fieldSelector=odd%3Dx',
        'limit=x',
        'labelSelector=none%3Dsuch&propagationPolicy=Odd',
      ].map(
        (query): Case => ({
          kind: kindName(facts),
          name: `delete all ?${query}`,
          run: async (send) => [await send({ method: 'DELETE', path: `${collectionPath(facts)}?${query}` })],
        }),
      ),
    )
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../api/apps/v1/deployment.ts'
import { jobs } from '../api/batch/v1/job.ts'
import { namespaces } from '../api/core/v1/namespace.ts'
import { pods } from '../api/core/v1/pod.ts'
import type { ResourceDefinition } from '../api/definition.ts'
import { kinds } from '../api/kinds.ts'
import type { Pod } from '../api/types.generated.ts'
import { createLogger } from '../machinery/log.ts'
import { apiVersionOf, type KubeObject } from '../machinery/meta/object.ts'
import { type Random, seededRandom } from '../machinery/random.ts'
import type { Schema } from '../machinery/schema/schema.ts'
import { controllers } from './controllers.ts'
import { startHarness } from './runtime/harness.ts'

const texts = [
  '',
  'x',
  'a/b',
  '../..',
  '-1',
  'é\u0000\u001b[31m',
  'odd-0',
  'default',
  '2026-01-01T00:00:00Z',
  '__proto__',
]
// Nothing large: a ReplicaSet of two thousand million would have its pods.
const numbers = [-1, 0, 1, 2, 7]
const wrapped: Readonly<Record<string, readonly unknown[]>> = {
  quantity: ['0', '1', '-5', '100Gi', '1e9', '999999999999E'],
  intOrString: [0, -1, 100, '50%', '0%', '%', 'http'],
  time: ['2026-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
  microTime: ['2026-01-01T00:00:00.000000Z'],
  duration: ['0s', '1h'],
}

/** Anything of the right shape: what no rule but the types' own holds back. */
function anyOf(schema: Schema, random: Random, depth: number): unknown {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.float() * from.length)]!
  const { wrapper } = schema
  if (wrapper !== undefined) return pick(wrapped[wrapper] ?? [{}])
  if (schema.enum !== undefined && random.float() < 0.8) return pick(schema.enum)
  if (schema.format === 'quantity') return pick(wrapped['quantity']!)
  if (schema.intOrString === true) return pick(wrapped['intOrString']!)
  if (schema.format === 'date-time') return pick(wrapped['time']!)
  switch (schema.type) {
    case 'string':
      return pick(texts)
    case 'integer':
    case 'number':
      return pick(numbers)
    case 'boolean':
      return random.float() < 0.5
    case 'array':
      return Array.from({ length: depth > 6 ? 0 : Math.floor(random.float() * 3) }, () =>
        anyOf(schema.items ?? {}, random, depth + 1),
      )
    case 'object': {
      if (schema.values !== undefined)
        return random.float() < 0.5 ? {} : { [pick(texts)]: anyOf(schema.values, random, depth + 1) }
      const chance = depth < 2 ? 0.8 : 0.4
      const members: Record<string, unknown> = {}
      for (const [name, { schema: member, always, default: usual }] of schema.properties ?? []) {
        const needed = always === true || schema.required?.includes(name) === true || usual !== undefined
        if (needed || (depth < 8 && random.float() < chance)) members[name] = anyOf(member, random, depth + 1)
      }
      return members
    }
    default:
      return pick(['x', 1, {}])
  }
}

function odd(definition: ResourceDefinition, index: number, random: Random): KubeObject {
  const members = anyOf(definition.schema, random, 0) as Record<string, unknown>
  const some = (chance: number, metadata: object) => (random.float() < chance ? metadata : {})
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'odd-0', uid: 'uid-0', controller: true }
  return {
    ...members,
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    metadata: {
      name: `odd-${definition.version === 'v1' ? '' : definition.version}${index}`,
      ...(definition.namespaced && { namespace: 'default' }),
      uid: `uid-${definition.resource}-${index}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
      ...some(0.5, { labels: { a: 'b' } }),
      ...some(0.3, { ownerReferences: [owner] }),
      ...some(0.3, { annotations: { 'deployment.kubernetes.io/revision': 'x' } }),
      ...some(0.2, {
        deletionTimestamp: '2026-01-01T00:00:00Z',
        finalizers: ['kubernetes.io/pvc-protection', 'orphan'],
      }),
    },
  } as KubeObject
}

for (const seed of [1, 2, 3])
  test(`security.md, controllers crashed by input: objects of any shape stop no loop (GO-2024-3277, seed ${seed})`, async () => {
    const random = seededRandom(seed)
    const harness = startHarness({
      controllers,
      // All the same every line is made, so that what cannot be told would show.
      log: createLogger({ level: 'debug', write: () => {}, now: () => 0 }),
      options: { rootCa: 'ca', podCidrs: ['10.0.0.0/16'], servingHosts: () => [], localVolumeFolder: '/v' },
      prepare(client) {
        for (const definition of kinds as readonly ResourceDefinition[])
          for (let index = 0; index < 2; index++) client.seed(definition, odd(definition, index, random))
      },
    })
    await harness.advance(2_000)
    const meta = (name: string) => ({ metadata: { name, namespace: 'default' } })
    const template = { metadata: { labels: { good: 'y' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    harness.client.seed(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
    await harness.client.create(deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      ...meta('good'),
      spec: { replicas: 2, selector: { matchLabels: { good: 'y' } }, template },
    } as unknown as KubeObject)
    await harness.client.create(jobs, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      ...meta('fine'),
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 1,
        selector: { matchLabels: { job: 'y' } },
        template: { ...template, metadata: { labels: { job: 'y' } } },
      },
    } as unknown as KubeObject)
    await harness.advance(5_000)
    const made = (label: string) =>
      harness.client.objects<Pod>(pods).filter(({ metadata }) => metadata.labels?.[label] === 'y')
    assert.deepEqual([made('good').length, made('job').length], [2, 1])
    await harness.stop()
  })

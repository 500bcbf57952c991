import { seededRandom } from '../../machinery/random.ts'
import { type Sequence, type Step, verbsOf } from './step.fixture.ts'

type Draw = ReturnType<typeof seededRandom>
const pick = <T>(random: Draw, items: readonly T[]): T => items[Math.floor(random.float() * items.length)]!
const some = <T>(random: Draw, items: readonly T[], chance = 0.5): T[] => items.filter(() => random.float() < chance)

const texts = ['x', 'y', 'z']
function thingSpec(random: Draw): Record<string, unknown> {
  const text = () => pick(random, texts)
  const mapOf = () => Object.fromEntries(some(random, ['a', 'b', 'c']).map((key) => [key, text()]))
  const members: Record<string, () => unknown> = {
    replicas: () => pick(random, [1, 2]),
    text,
    other: () => (random.float() < 0.3 ? null : text()),
    granular: mapOf,
    atomicMap: mapOf,
    struct: () =>
      Object.fromEntries(
        some(random, [
          ['a', text()],
          ['b', pick(random, [1, 2])],
          ['c', true],
        ] as const),
      ),
    atomicStruct: () =>
      Object.fromEntries(
        some(random, [
          ['a', text()],
          ['b', pick(random, [1, 2])],
        ] as const),
      ),
    set: () => some(random, ['a', 'b', 'c']),
    numbers: () => some(random, [3, 1, 2]),
    list: () => some(random, ['a', 'b', 'c']),
    map: () =>
      some(random, ['a', 'b', 'c']).map((name) => ({
        name,
        ...(random.float() < 0.6 && { value: text() }),
        ...(random.float() < 0.4 && { inner: some(random, ['p', 'q']) }),
      })),
    ports: () =>
      some(random, [80, 443]).map((port) => ({
        port,
        ...(random.float() < 0.5 && { protocol: pick(random, ['TCP', 'UDP']) }),
        ...(random.float() < 0.5 && { name: text() }),
      })),
    anything: () => ({ [pick(random, ['m', 'n'])]: pick<unknown>(random, ['x', 1, ['x'], { d: 'e' }]) }),
  }
  return Object.fromEntries(some(random, Object.keys(members), 0.35).map((name) => [name, members[name]!()]))
}

function deploymentSpec(random: Draw): Record<string, unknown> {
  const container = (name: string) => ({
    name,
    image: pick(random, ['i:1', 'i:2']),
    ...(random.float() < 0.5 && {
      env: some(random, ['A', 'B']).map((env) => ({ name: env, value: pick(random, texts) })),
    }),
    ...(random.float() < 0.5 && {
      ports: some(random, [80, 443]).map((containerPort) => ({
        containerPort,
        ...(random.float() < 0.5 && { protocol: pick(random, ['TCP', 'UDP']) }),
      })),
    }),
    ...(random.float() < 0.4 && { args: some(random, ['a', 'b']) }),
    ...(random.float() < 0.4 && { resources: { limits: { cpu: pick(random, ['1', '500m', '1000m']) } } }),
  })
  return {
    ...(random.float() < 0.5 && { replicas: pick(random, [1, 2]) }),
    ...(random.float() < 0.3 && { strategy: { type: pick(random, ['Recreate', 'RollingUpdate']) } }),
    selector: { matchLabels: { app: 'x' } },
    template: {
      metadata: { labels: { app: 'x', ...(random.float() < 0.4 && { tier: pick(random, texts) }) } },
      spec: {
        containers: ['main', ...some(random, ['side', 'car'])].map(container),
        ...(random.float() < 0.3 && { nodeSelector: { disk: pick(random, texts) } }),
        ...(random.float() < 0.3 && { tolerations: [{ key: pick(random, texts), operator: 'Exists' }] }),
      },
    },
  }
}

const metadataOf = (random: Draw): object => ({
  ...(random.float() < 0.5 && {
    labels: Object.fromEntries(some(random, ['l', 'm']).map((key) => [key, pick(random, texts)])),
  }),
  ...(random.float() < 0.3 && {
    annotations: Object.fromEntries(some(random, ['n', 'o']).map((key) => [key, pick(random, texts)])),
  }),
  ...(random.float() < 0.2 && { finalizers: some(random, ['example.com/a', 'example.com/b']) }),
})

/** What several managers do to one object, at random but always the same for a seed. */
export function randomSequence(seed: number, kind: 'Thing' | 'Deployment', length: number): Sequence {
  const random = seededRandom(seed)
  const name = `random-${kind.toLowerCase()}-${seed}`
  const verbs = verbsOf(kind, name)
  const specOf = kind === 'Thing' ? thingSpec : deploymentSpec
  const managers = ['ann', 'bob', 'cid']
  const steps: Step[] = []
  const first = { metadata: metadataOf(random), spec: specOf(random) }
  steps.push(random.float() < 0.5 ? verbs.create('ann', first) : verbs.apply('ann', first))
  for (let step = 1; step < length; step++) {
    const manager = pick(random, managers)
    const roll = random.float()
    const body = { metadata: metadataOf(random), spec: specOf(random) }
    if (roll < 0.45) steps.push(verbs.apply(manager, body, { force: random.float() < 0.6 }))
    else if (roll < 0.6) steps.push(verbs.merge(manager, { metadata: body.metadata, spec: body.spec }))
    else if (roll < 0.8) {
      steps.push(
        verbs.put(manager, (last: { spec?: object; metadata: Record<string, unknown> }) => {
          last.spec = body.spec
          Object.assign(last.metadata, body.metadata)
        }),
      )
    } else if (roll < 0.9) {
      const status = { [kind === 'Thing' ? 'phase' : 'observedGeneration']: kind === 'Thing' ? pick(random, texts) : 1 }
      steps.push(verbs.merge(manager, { status }, 'status'))
    } else steps.push(verbs.merge(manager, { spec: { replicas: pick(random, [1, 2, 3]) } }, 'scale'))
    steps.push(verbs.get())
  }
  return { name: `at random: ${kind} ${seed}`, steps }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Schema } from '../../machinery/schema/schema.ts'
import { optionalKinds } from '../optional-kinds.ts'
import { kinds } from '../kinds.ts'
import { defaultFeatureGates, parseFeatureGates } from './feature-gates.ts'
import { dropDisabledFields, gatedFields } from './gated-fields.ts'

const roots = [...kinds, ...optionalKinds].map(({ schema }) => schema)
const types = new Map<string, Schema>()
for (const root of roots) collect(root)
function collect(schema: Schema): void {
  if (schema.name !== undefined) {
    if (types.has(schema.name)) return
    types.set(schema.name, schema)
  }
  for (const part of [schema.items, schema.values]) if (part) collect(part)
  for (const { schema: part } of schema.properties?.values() ?? []) collect(part)
}

const schemaOf = (name: string) => types.get(name)!
const pod = (spec: object) => ({ metadata: { name: 'one' }, spec })

test('every gated field is one of the types it is said to be in, and its gate can be switched', () => {
  for (const { gate, within, fields, keptBy = [] } of gatedFields.fields) {
    assert.ok(types.has(within), within)
    const opposite = !defaultFeatureGates.enabled(gate)
    const unmet = / depends on features that are disabled/
    try {
      parseFeatureGates([`${gate}=${opposite}`])
    } catch (error) {
      assert.match(String(error), unmet)
    }
    for (const field of [...fields, ...keptBy]) {
      const [type, member] = field.split('.') as [string, string]
      const full = within.slice(0, within.lastIndexOf('.') + 1) + type
      assert.ok(types.get(full)?.properties?.has(member), `${full} has no ${member}`)
    }
  }
})

test('what belongs to a feature that is off is dropped, unless the old object has it anywhere', () => {
  const spec = () => ({ volumes: [{ name: 'a', secret: { secretName: 'b', defaultUser: 7, items: [{ user: 8 }] } }] })
  const schema = schemaOf('io.k8s.api.core.v1.Pod')
  const fresh = pod(spec())
  dropDisabledFields(schema, defaultFeatureGates.enabled, fresh)
  assert.deepEqual(fresh, pod({ volumes: [{ name: 'a', secret: { secretName: 'b', items: [{}] } }] }))
  const changed = pod(spec())
  dropDisabledFields(
    schema,
    defaultFeatureGates.enabled,
    changed,
    pod({ volumes: [{ configMap: { defaultUser: 1 } }] }),
  )
  assert.deepEqual(changed, pod(spec()))
  const allowed = pod(spec())
  dropDisabledFields(schema, parseFeatureGates(['AtomicWriteVolumeUserFields=true']).enabled, allowed)
  assert.deepEqual(allowed, pod(spec()))
})

test('a struct that is left empty goes where upstream lets it go', () => {
  const draft = pod({
    containers: [{ lifecycle: { stopSignal: 'SIGUSR1' } }, { lifecycle: { stopSignal: 'SIGUSR1', preStop: {} } }],
  })
  dropDisabledFields(schemaOf('io.k8s.api.core.v1.Pod'), defaultFeatureGates.enabled, draft)
  assert.deepEqual(draft, pod({ containers: [{}, { lifecycle: { preStop: {} } }] }))
})

test('sidecars keep their restart policy where rules of containers are off', () => {
  const draft = pod({
    initContainers: [{ restartPolicy: 'Always' }, { restartPolicy: 'Never' }],
    containers: [{ restartPolicy: 'Always' }],
  })
  const { enabled } = parseFeatureGates(['ContainerRestartRules=false', 'RestartAllContainersOnContainerExits=false'])
  dropDisabledFields(schemaOf('io.k8s.api.core.v1.Pod'), enabled, draft)
  assert.deepEqual(draft, pod({ initContainers: [{ restartPolicy: 'Always' }, {}], containers: [{}] }))
})

test('templates of composite groups are compared with those of the same name', () => {
  const { enabled } = parseFeatureGates(['GenericWorkload=true'])
  const holder = (name: string, preemptionPolicy?: string) => ({
    name,
    ...(preemptionPolicy !== undefined && { preemptionPolicy }),
  })
  const old = { spec: { compositePodGroupTemplates: [holder('a', 'Never'), holder('b')] } }
  const draft = { spec: { compositePodGroupTemplates: [holder('b', 'Never'), holder('a', 'Never')] } }
  dropDisabledFields(schemaOf('io.k8s.api.scheduling.v1beta1.Workload'), enabled, draft, old)
  assert.deepEqual(draft.spec.compositePodGroupTemplates, [holder('b'), holder('a', 'Never')])
})

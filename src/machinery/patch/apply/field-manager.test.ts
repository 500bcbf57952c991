import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../errors.ts'
import { deepFreeze } from '../../json.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../meta/object.ts'
import type { Field, Schema } from '../../schema/schema.ts'
import { applyConfiguration, keepTimesOfNoop, managerName, trackUpdate, type FieldManagement } from './field-manager.ts'

const string: Schema = { type: 'string' }
const integer: Schema = { type: 'integer', format: 'int32' }
const struct = (name: string, properties: Record<string, Field>): Schema => ({
  type: 'object',
  name,
  properties: new Map(Object.entries(properties)),
})
const texts: Schema = { type: 'object', values: string }
const port = struct('Port', {
  port: { schema: integer, always: true },
  protocol: { schema: string, default: 'TCP' },
  note: { schema: string },
})
const schema = struct('Widget', {
  apiVersion: { schema: string },
  kind: { schema: string },
  metadata: {
    always: true,
    schema: struct('ObjectMeta', {
      name: { schema: string },
      namespace: { schema: string },
      uid: { schema: string },
      labels: { schema: texts },
      annotations: { schema: texts },
      finalizers: { schema: { type: 'array', items: string, listType: 'set' } },
      managedFields: { schema: { type: 'array', listType: 'atomic' } },
    }),
  },
  spec: {
    always: true,
    schema: struct('Spec', {
      replicas: { schema: integer, pointer: true },
      selector: { schema: { ...texts, mapType: 'atomic' } },
      args: { schema: { type: 'array', items: string, listType: 'atomic' } },
      ports: { schema: { type: 'array', items: port, listType: 'map', listMapKeys: ['port', 'protocol'] } },
    }),
  },
  status: { always: true, schema: struct('Status', { phase: { schema: string } }) },
})

const minute = (n: number) => Date.UTC(2026, 0, 1, 0, n)
const at = (n: number, more: Partial<FieldManagement> = {}): FieldManagement => ({
  schema,
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  subresource: '',
  resetFields: [['status']],
  now: minute(n),
  ...more,
})
type Widget = KubeObject & { spec?: Record<string, unknown>; status?: unknown }
const widget = (spec: Record<string, unknown>, metadata: Record<string, unknown> = {}, status?: unknown): Widget =>
  deepFreeze({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'n', ...metadata },
    spec,
    ...(status === undefined ? {} : { status }),
  })
const withManaged = (object: Widget, managedFields: readonly ManagedFieldsEntry[] | undefined): Widget =>
  deepFreeze({ ...object, metadata: { ...object.metadata, uid: 'u', managedFields } })
const created = (object: Widget, manager = 'creator') =>
  withManaged(object, trackUpdate(at(0), undefined, object, manager))
const apply = (
  n: number,
  live: Widget | undefined,
  spec: Record<string, unknown>,
  manager = 'me',
  force = false,
  metadata = {},
) => {
  const { object, unchanged } = applyConfiguration(at(n), live, widget(spec, metadata), manager, force)
  return { object: deepFreeze(object as Widget), unchanged }
}
const fieldsOf = (object: KubeObject | undefined, manager: string) =>
  object?.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1
const failure = (action: () => unknown): ApiError | Error => {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

test('a creation belongs to its creator, but for what nobody manages and what is reset', () => {
  const object = created(
    widget(
      { replicas: 1, selector: { a: 'b' }, args: ['x'], ports: [{ port: 80 }] },
      { labels: { app: 'x' }, finalizers: ['a/b'] },
      { phase: 'x' },
    ),
  )
  assert.deepEqual(object.metadata.managedFields, [
    {
      manager: 'creator',
      operation: 'Update',
      apiVersion: 'example.com/v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:finalizers': { '.': {}, 'v:"a/b"': {} }, 'f:labels': { '.': {}, 'f:app': {} } },
        'f:spec': {
          'f:args': {},
          'f:ports': { '.': {}, 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
          'f:replicas': {},
          'f:selector': {},
        },
      },
    },
  ])
})

test('an update takes what it changes and keeps its own entry', () => {
  const live = created(widget({ replicas: 1, args: ['x'] }))
  const scaled = withManaged(widget({ replicas: 2, args: ['x'] }), live.metadata.managedFields)
  const entries = trackUpdate(at(1), live, scaled, 'scaler')!
  assert.deepEqual(
    entries.map(({ manager, time, fieldsV1 }) => [manager, time, fieldsV1]),
    [
      ['creator', '2026-01-01T00:00:00Z', { 'f:spec': { 'f:args': {} } }],
      ['scaler', '2026-01-01T00:01:00Z', { 'f:spec': { 'f:replicas': {} } }],
    ],
  )
})

test('a write without effect keeps the times', () => {
  const live = created(widget({ replicas: 1 }))
  const same = withManaged(widget({ replicas: 1 }), undefined)
  const entries = trackUpdate(at(5), live, same, 'other')
  assert.deepEqual(entries, live.metadata.managedFields)
  const applied = apply(1, live, { replicas: 1 }).object
  const again = apply(2, applied, { replicas: 1 })
  assert.equal(again.unchanged, true)
  assert.deepEqual(keepTimesOfNoop(again.object, applied), applied)
})

test('a status writer has an entry of its own and cannot own the spec', () => {
  const live = created(widget({ replicas: 1 }, {}, {}))
  const updated = withManaged(widget({ replicas: 9 }, {}, { phase: 'Ready' }), live.metadata.managedFields)
  const management = at(1, { subresource: 'status', resetFields: [['spec']] })
  const entry = trackUpdate(management, live, updated, 'creator')!.find(({ subresource }) => subresource === 'status')
  assert.deepEqual(entry?.fieldsV1, { 'f:status': { 'f:phase': {} } })
})

test('an empty list of managers drops the tracking, an absent one keeps it', () => {
  const live = created(widget({ replicas: 1 }))
  assert.equal(trackUpdate(at(1), live, withManaged(widget({ replicas: 2 }), []), 'x'), undefined)
  assert.equal(trackUpdate(at(1), live, withManaged(widget({ replicas: 2 }), undefined), 'x')?.length, 1)
  const untracked = withManaged(widget({ replicas: 1 }), undefined)
  assert.equal(trackUpdate(at(1), untracked, withManaged(widget({ replicas: 2 }), undefined), 'x'), undefined)
})

test('applying to nothing creates', () => {
  const { object } = apply(0, undefined, { replicas: 1, ports: [{ port: 80, note: 'web' }] })
  assert.deepEqual(object.spec, { replicas: 1, ports: [{ port: 80, note: 'web' }] })
  assert.equal(object.metadata.managedFields?.[0]?.operation, 'Apply')
})

test('a conflict names the field and its manager', () => {
  const live = created(widget({ replicas: 1, args: ['x'] }), 'kubectl-client-side-apply')
  const one = failure(() => apply(1, live, { replicas: 5 })) as ApiError
  assert.equal(one.code, 409)
  assert.equal(
    one.message,
    'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using example.com/v1: .spec.replicas',
  )
  assert.deepEqual(one.status.details?.causes, [
    {
      reason: 'FieldManagerConflict',
      message: 'conflict with "kubectl-client-side-apply" using example.com/v1',
      field: '.spec.replicas',
    },
  ])
  const two = failure(() => apply(1, live, { replicas: 5, args: ['y'] }))
  assert.equal(
    two.message,
    'Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using example.com/v1:\n- .spec.args\n- .spec.replicas',
  )
})

test('force takes the field over', () => {
  const live = created(widget({ replicas: 1, args: ['x'] }))
  const { object } = apply(1, live, { replicas: 5 }, 'me', true)
  assert.equal(object.spec?.replicas, 5)
  assert.deepEqual(fieldsOf(object, 'creator'), { 'f:spec': { 'f:args': {} } })
})

test('what an applier leaves out goes, unless somebody else owns it', () => {
  const first = apply(0, undefined, { replicas: 1, args: ['x'], ports: [{ port: 80, note: 'a' }, { port: 81 }] }).object
  const shared = apply(1, withManaged(first, first.metadata.managedFields), { args: ['x'] }, 'you').object
  const { object } = apply(2, shared, { ports: [{ port: 80 }] })
  assert.deepEqual(object.spec, { args: ['x'], ports: [{ port: 80 }] })
  assert.deepEqual(fieldsOf(object, 'me'), {
    'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
  })
})

test('lists of maps merge by all their keys, defaults counted in', () => {
  const live = created(
    widget({
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, note: 'mine' },
      ],
    }),
  )
  const { object } = apply(1, live, { ports: [{ port: 53, protocol: 'TCP', note: 'mine' }] })
  assert.deepEqual(object.spec?.ports, [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP', note: 'mine' },
  ])
})

test('sets are joined', () => {
  const live = created(widget({}, { finalizers: ['a'] }))
  const { object } = apply(1, live, {}, 'me', false, { finalizers: ['b'] })
  assert.deepEqual(object.metadata.finalizers, ['a', 'b'])
})

test('what does not fit is refused', () => {
  const live = created(widget({ replicas: 1 }))
  const where = 'failed to create typed patch object (n/w; example.com/v1, Kind=Widget): '
  assert.equal(failure(() => apply(1, live, { foo: 1 })).message, `${where}.spec.foo: field not declared in schema`)
  assert.equal(
    failure(() => apply(1, live, { replicas: 'x' })).message,
    `${where}.spec.replicas: expected numeric (int or float), got string`,
  )
  assert.equal(
    failure(() => apply(1, live, { ports: [{ port: 1 }, { port: 1, protocol: 'TCP' }] })).message,
    `${where}.spec.ports: duplicate entries for key [port=1,protocol="TCP"]`,
  )
  assert.equal(
    failure(() => applyConfiguration(at(1), live, { apiVersion: 'v1', kind: 'Pod' }, 'me', false)).message,
    'invalid object type: /v1, Kind=Pod',
  )
  assert.equal(
    failure(() => applyConfiguration(at(1), live, widget({}, { managedFields: [] }), 'me', false)).message,
    'metadata.managedFields must be nil',
  )
})

test('an object from before the tracking is owned by before-first-apply', () => {
  const { object } = apply(1, withManaged(widget({ replicas: 1, args: ['x'] }), undefined), { replicas: 1 })
  assert.deepEqual(
    object.metadata.managedFields?.map(({ manager }) => manager),
    ['me', 'before-first-apply'],
  )
})

test("kubectl's first server-side apply takes over from its client-side apply", () => {
  const record = JSON.stringify(widget({ replicas: 1 }))
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': record }
  const live = created(widget({ replicas: 1 }, { annotations }), 'kubectl-client-side-apply')
  const { object } = apply(1, live, { replicas: 3 }, 'kubectl')
  assert.equal(object.spec?.replicas, 3)
  assert.deepEqual(
    JSON.parse(object.metadata.annotations!['kubectl.kubernetes.io/last-applied-configuration']!),
    JSON.parse(JSON.stringify(widget({ replicas: 3 }))),
  )
  assert.match(failure(() => apply(1, live, { replicas: 3 }, 'other')).message, /^Apply failed with 1 conflict/)
})

test('the oldest of more than ten updaters are gathered', () => {
  let live = created(widget({}), 'u0')
  for (let n = 1; n <= 13; n++) {
    const labels = { ...live.metadata.labels, [`l${n}`]: 'x' }
    const next = widget({}, { labels })
    const entries = trackUpdate(at(n), live, withManaged(next, live.metadata.managedFields ?? undefined), `u${n}`)
    // Until something is tracked there is nothing to keep.
    live = withManaged(next, entries ?? trackUpdate(at(n), undefined, next, `u${n}`))
  }
  const managers = live.metadata.managedFields!.map(({ manager }) => manager)
  assert.equal(managers.length, 10)
  assert.equal(managers[0], 'ancient-changes')
})

test('the manager of a client without a name is the start of its user agent', () => {
  assert.equal(managerName('me', 'x/1'), 'me')
  assert.equal(managerName('', 'kubectl/v1.37 (linux)'), 'kubectl')
  assert.equal(managerName(undefined, `\u0007${'a'.repeat(200)}`), 'a'.repeat(128))
})

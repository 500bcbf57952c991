import assert from 'node:assert/strict'
import { test } from 'node:test'
import { internalForm } from './internal-form.ts'

const core = (type: string, value: unknown) => JSON.stringify(internalForm(`io.k8s.api.core.v1.${type}`, value))

test('internal types have Go’s names and order, and leave nothing out', () => {
  assert.equal(
    core('EmptyDirVolumeSource', { medium: 'Memory', sizeLimit: '1Mi' }),
    '{"Medium":"Memory","SizeLimit":"1Mi","Mode":null}',
  )
  assert.equal(
    core('NodeSelectorTerm', { matchExpressions: [{ key: 'a', operator: 'Exists' }] }),
    '{"MatchExpressions":[{"Key":"a","Operator":"Exists","Values":null}],"MatchFields":null}',
  )
})

test('metadata is embedded, and the machinery’s types are as everywhere', () => {
  const claim = { metadata: { name: 'data', labels: { a: 'b' } }, spec: { selector: { matchLabels: { a: 'b' } } } }
  const text = core('PersistentVolumeClaim', claim)
  assert.match(text, /^\{"name":"data","labels":\{"a":"b"\},"Spec":\{"AccessModes":null,"Selector":\{"matchLabels":/)
  assert.match(text, /"Resources":\{"Limits":null,"Requests":null\},"VolumeName":""/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJson } from '../machinery/codec/json/decode.ts'
import { internalForm } from './internal-form.ts'
import { definitionNamed } from './schema/facts.ts'

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

test('what was said to be empty is shown so, bytes included', () => {
  const spec = JSON.stringify({ nodeSelector: {}, containers: [{ name: 'a', args: [] }] })
  const decoded = decodeJson(spec, definitionNamed('io.k8s.api.core.v1.PodSpec')!).value
  assert.match(core('PodSpec', decoded), /"NodeSelector":\{\}/)
  assert.match(core('PodSpec', decoded), /"Command":null,"Args":\[\]/)
  const request = (spec: object) =>
    JSON.stringify(internalForm('io.k8s.api.certificates.v1.PodCertificateRequestSpec', spec))
  assert.match(request({}), /"PKIXPublicKey":null,"ProofOfPossession":null,"StubPKCS10Request":null/)
  assert.match(request({ stubPKCS10Request: '' }), /"StubPKCS10Request":""/)
})

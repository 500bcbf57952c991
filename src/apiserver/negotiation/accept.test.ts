import assert from 'node:assert/strict'
import { test } from 'node:test'
import { negotiate, wantsPretty, type Offer } from './accept.ts'
import { allMediaTypes, withoutProtobuf } from './media-type.ts'

const builtIn: Offer = { mediaTypes: allMediaTypes, metadataTypes: allMediaTypes }
const custom: Offer = { mediaTypes: withoutProtobuf, metadataTypes: allMediaTypes }
const typeOf = (accept: string | undefined, offer = builtIn) => negotiate(accept, offer).mediaType
const json = 'application/json'
const protobuf = 'application/vnd.kubernetes.protobuf'

test('JSON is the answer to those who do not care', () => {
  for (const accept of [undefined, '', '*/*', 'application/*', json]) assert.equal(typeOf(accept), json)
})

test('the client’s order counts, and its weights before that', () => {
  assert.equal(typeOf(`${protobuf},${json}`), protobuf)
  assert.equal(typeOf(`${protobuf};q=0.1,${json}`), json)
  assert.equal(typeOf(`text/html,application/yaml`), 'application/yaml')
  assert.equal(typeOf(`${protobuf}, */*`), protobuf)
})

test('custom resources speak no protobuf, but their metadata does', () => {
  assert.equal(typeOf(`${protobuf},${json}`, custom), json)
  assert.throws(() => negotiate(protobuf, custom), {
    message:
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  })
  const accept = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`
  assert.deepEqual(negotiate(accept, custom), {
    mediaType: protobuf,
    convert: { kind: 'PartialObjectMetadata', version: 'v1' },
    pretty: false,
  })
})

test('kubectl’s wish for a table is met, or its next one', () => {
  const accept = `${json};as=Table;v=v1;g=meta.k8s.io,${json};as=Table;v=v1beta1;g=meta.k8s.io,${json}`
  assert.deepEqual(negotiate(accept, builtIn).convert, { kind: 'Table', version: 'v1' })
  assert.equal(negotiate(accept, { ...builtIn, tables: false }).convert, undefined)
  assert.throws(() => negotiate(`${json};as=Table;v=v1;g=meta.k8s.io`, { ...builtIn, tables: false }), { code: 406 })
  assert.throws(() => negotiate(`${json};as=Table;v=v2;g=meta.k8s.io`, builtIn), { code: 406 })
  assert.throws(() => negotiate(`${protobuf};as=Table;v=v1;g=meta.k8s.io`, builtIn), { code: 406 })
})

test('what can be streamed is told to those who ask for a watch in another form', () => {
  assert.equal(typeOf(`${json};stream=watch`), json)
  assert.throws(() => negotiate('application/yaml', builtIn, true), {
    message:
      'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
  })
})

test('people get indented answers', () => {
  assert.ok(wantsPretty(undefined, 'curl/8.5.0'))
  assert.ok(wantsPretty('1', 'kubectl/v1.37.1'))
  assert.ok(!wantsPretty('0', 'curl/8.5.0'))
  assert.ok(!wantsPretty(undefined, 'kubectl/v1.37.1'))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  escapeFieldValue,
  fieldAmong,
  metadataField,
  parseFieldSelector,
  unescapeFieldValue,
} from './field-selector.ts'

test('a field selector matches by equality and inequality', () => {
  const selector = parseFieldSelector('status.phase!=Running,metadata.name==a')
  assert.equal(selector.toString(), 'metadata.name=a,status.phase!=Running')
  assert.equal(selector.matches({ 'metadata.name': 'a', 'status.phase': 'Pending' }), true)
  assert.equal(selector.matches({ 'metadata.name': 'a', 'status.phase': 'Running' }), false)
  assert.equal(selector.matches({ 'metadata.name': 'b' }), false)
  assert.equal(selector.exactValue('metadata.name'), 'a')
  assert.equal(selector.exactValue('status.phase'), undefined)
})

test('an absent field counts as the empty string', () => {
  assert.equal(parseFieldSelector('spec.nodeName=').matches({}), true)
  assert.equal(parseFieldSelector('spec.nodeName!=').matches({ 'spec.nodeName': 'n' }), true)
  assert.equal(parseFieldSelector('constructor=').matches({}), true)
})

test('commas, equals and backslashes are escaped in values', () => {
  assert.equal(escapeFieldValue('a,b=c\\d'), 'a\\,b\\=c\\\\d')
  assert.equal(unescapeFieldValue('a\\,b\\=c\\\\d'), 'a,b=c\\d')
  assert.deepEqual(parseFieldSelector('x=a\\,b,y=c\\=d').requirements, [
    { field: 'x', operator: '=', value: 'a,b' },
    { field: 'y', operator: '=', value: 'c=d' },
  ])
})

test("selectors that cannot be read say why in upstream's words", () => {
  const message = (text: string) => {
    try {
      parseFieldSelector(text)
    } catch (error) {
      return (error as Error).message
    }
    return undefined
  }
  assert.equal(message('a'), "invalid selector: 'a'; can't understand 'a'")
  assert.equal(message('a=b=c'), 'invalid field selector: unescaped character in value: 61')
  assert.equal(message('a=\\q'), 'invalid field selector: invalid escape sequence: \\q')
  assert.equal(message('a=b\\'), 'invalid field selector: invalid escape sequence: \\')
  assert.equal(message(''), undefined)
  assert.equal(message(',,a=b,'), undefined)
})

test('fields that a kind does not know are refused', () => {
  assert.throws(() => parseFieldSelector('spec.x=1', metadataField), {
    message: '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
  })
  assert.throws(() => parseFieldSelector('spec.x=1', fieldAmong(['metadata.name'])), {
    message: 'field label not supported: spec.x',
  })
})

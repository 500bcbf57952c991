import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../../../api/types.generated.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { imageLocality } from './plugin.ts'

const mb = 2 ** 20
const having = (name: string, ...images: [string, number][]): Node => {
  const plain = node(name)
  return {
    ...plain,
    status: { ...plain.status, images: images.map(([image, size]) => ({ names: [image], sizeBytes: size * mb })) },
  }
}
const using = (...images: string[]) => pod('p', { containers: images.map((image) => ({ name: image, image })) })

test('a node that has the images is better, in proportion to their size and spread', () => {
  const { score, cache } = fixture({ nodes: [having('big', ['web:1', 2000]), having('none')] })
  // Half of the nodes have it: 1000 MiB of at most 1000.
  assert.deepEqual(score(imageLocality(cache), using('web:1')), { big: 100, none: 0 })
})

test('an image without a tag is the latest', () => {
  const { score, cache } = fixture({ nodes: [having('a', ['web:latest', 500]), having('b', ['web:latest', 500])] })
  assert.deepEqual(score(imageLocality(cache), using('web')), { a: 48, b: 48 })
})

test('small images do not matter', () => {
  const { score, cache } = fixture({ nodes: [having('a', ['tiny:1', 20])] })
  assert.deepEqual(score(imageLocality(cache), using('tiny:1')), { a: 0 })
})

test('a node that lost an image no longer counts', () => {
  const { score, cache } = fixture({ nodes: [having('a', ['web:1', 1000]), having('b', ['web:1', 1000])] })
  cache.setNode(having('b'))
  assert.deepEqual(score(imageLocality(cache), using('web:1')), { a: 48, b: 0 })
})

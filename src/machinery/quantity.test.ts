import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  milliQuantityOf,
  parseQuantity,
  quantityMilliValue,
  quantityOf,
  quantityScaled,
  quantityValue,
  subtractQuantities,
} from './quantity.ts'

test('a quantity is printed in canonical form', () => {
  const forms: Record<string, string> = {
    '0': '0',
    '0Ki': '0',
    '1.5': '1500m',
    '1.5Gi': '1536Mi',
    '1024Mi': '1Gi',
    '1000': '1k',
    '1000Mi': '1000Mi',
    '100m': '100m',
    '0.1': '100m',
    '1e3': '1e3',
    '1500e3': '1500e3',
    '12000e3': '12e6',
    '512Ki': '512Ki',
    '0.5Mi': '512Ki',
    '1Ki': '1Ki',
    '0.5Ki': '512',
    '0.0000000001': '1n',
    '9223372036854775808Ki': '9223372036854775807',
    '-1.5': '-1500m',
    // Upstream takes these for canonical.
    '1.500': '1.500',
    '+5': '+5',
    // Upstream has no suffix above E, and loses it.
    '1000E': '1',
  }
  for (const [text, canonical] of Object.entries(forms)) assert.equal(canonicalQuantity(text), canonical, text)
})

test('a text that is no quantity is refused in upstream’s words', () => {
  const regex = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  for (const text of ['', 'abc', '1.2.3', '5x', '1 Gi', ' 1']) {
    assert.throws(() => parseQuantity(text), { message: regex }, text)
  }
  for (const text of ['5mm', '1K', '5Mii', '1e99999999']) {
    assert.throws(() => parseQuantity(text), { message: "unable to parse quantity's suffix" }, text)
  }
})

test('values are rounded up to the unit that is asked for', () => {
  assert.equal(quantityValue('1500m'), 2)
  assert.equal(quantityValue('1Gi'), 2 ** 30)
  assert.equal(quantityMilliValue('0.1'), 100)
  assert.equal(quantityMilliValue('1n'), 1)
  assert.equal(quantityScaled('2500', 3), 3n)
})

test('a sum keeps the format of its first part, unless that is zero', () => {
  assert.equal(formatQuantity(addQuantities('1Gi', '512Mi')), '1536Mi')
  assert.equal(formatQuantity(addQuantities('0', '512Mi')), '512Mi')
  assert.equal(formatQuantity(addQuantities('1', '1Ki')), '1025')
  assert.equal(formatQuantity(subtractQuantities('1', '100m')), '900m')
  assert.equal(formatQuantity(quantityOf(1536 * 1024, 'BinarySI')), '1536Ki')
  assert.equal(formatQuantity(milliQuantityOf(1500)), '1500m')
})

const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'E-2')
const texts = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.integer({ min: 0, max: 99_999_999 }),
    fc.option(fc.integer({ min: 0, max: 9999 })),
    suffix,
  )
  .map(([sign, whole, fraction, unit]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${unit}`)

test('property: the canonical form means the same, and is its own canonical form', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const canonical = canonicalQuantity(text)
      assert.equal(compareQuantities(parseQuantity(text), parseQuantity(canonical)), 0)
      assert.equal(canonicalQuantity(canonical), canonical)
    }),
  )
})

test('property: subtraction undoes addition, and order is kept', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      assert.equal(compareQuantities(subtractQuantities(addQuantities(a, b), b), a), 0)
      assert.equal(compareQuantities(a, b) + compareQuantities(b, a), 0)
      assert.equal(compareQuantities(addQuantities(a, '1'), a), 1)
    }),
  )
})

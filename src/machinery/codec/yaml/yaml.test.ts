import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { duplicatesMessage, parseYaml, parseYamlDocuments } from './parse-yaml.ts'
import { printYaml } from './print-yaml.ts'

const parsed = (text: string) => parseYaml(text).value

test('unquoted scalars mean what they mean to go-yaml', () => {
  const meanings: [string, unknown][] = [
    ['yes', true],
    ['off', false],
    ['y', true],
    ['~', null],
    ['', null],
    ['0644', 420],
    ['0o17', 15],
    ['08', 8],
    ['0x1F', 31],
    ['1_000', 1000],
    ['-0b11', -3],
    ['1e3', 1000],
    ['.5', 0.5],
    ['2001-01-01', '2001-01-01'],
    ['12:30:45', '12:30:45'],
    ['1.2.3', '1.2.3'],
    ['"yes"', 'yes'],
    ['!!str 5', '5'],
    ['!!int "5"', 5],
    ['v1', 'v1'],
  ]
  for (const [text, meaning] of meanings) assert.deepEqual(parsed(`a: ${text}`), { a: meaning }, text)
})

test('keys become strings, anchors and merges are followed', () => {
  assert.deepEqual(parsed('1: a\ntrue: b\n1.5: c\n'), { '1': 'a', true: 'b', '1.5': 'c' })
  assert.deepEqual(parsed('base: &b {p: 1, q: 2}\nm:\n  <<: *b\n  q: 3\n'), { base: { p: 1, q: 2 }, m: { p: 1, q: 3 } })
  assert.deepEqual(parsed('m:\n  <<: [{a: 1}, {a: 2, b: 2}]\n'), { m: { a: 1, b: 2 } })
})

test('the first document is read, or all of them', () => {
  assert.deepEqual(parsed('a: 1\n---\nb: 2\n'), { a: 1 })
  assert.deepEqual(
    parseYamlDocuments('a: 1\n---\nb: 2\n').map(({ value }) => value),
    [{ a: 1 }, { b: 2 }],
  )
  assert.equal(parsed(''), null)
  assert.equal(parsed('# nothing\n'), null)
})

test('duplicate keys are told of with their lines; the last one stands', () => {
  const { value, duplicates } = parseYaml('a: 1\nb:\n  c: 1\n  c: 2\na: 3\n')
  assert.deepEqual(value, { a: 3, b: { c: 2 } })
  assert.equal(
    duplicatesMessage(duplicates),
    'yaml: unmarshal errors:\n  line 4: key "c" already set in map\n  line 5: key "a" already set in map',
  )
})

test('faults name their line', () => {
  assert.throws(() => parsed('a: 1\nb: c: d\n'), {
    message: 'yaml: line 2: mapping values are not allowed in this context',
  })
  assert.throws(() => parsed('a: *b\n'), { message: "yaml: unknown anchor 'b' referenced" })
  assert.throws(() => parsed('a: &x [*x]\n'), { message: "yaml: anchor 'x' value contains itself" })
  assert.throws(() => parsed('a: .inf\n'), { message: 'json: unsupported value: +Inf' })
})

test('security.md, parser bombs: a bomb of aliases, and one of depth, is refused (CVE-2019-11253, CVE-2019-11254)', () => {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x]']
  for (const [letter, before] of [
    ['b', 'a'],
    ['c', 'b'],
    ['d', 'c'],
    ['e', 'd'],
    ['f', 'e'],
    ['g', 'f'],
  ] as const) {
    lines.push(`${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${before}`).join()}]`)
  }
  assert.throws(() => parsed(lines.join('\n')), { message: 'yaml: document contains excessive aliasing' })
  assert.throws(() => parsed(`a: ${'['.repeat(100_000)}`), /yaml:/)
})

test('security.md, parser bombs: __proto__ is data', () => {
  assert.equal(JSON.stringify(parsed('__proto__: {x: 1}\n')), '{"__proto__":{"x":1}}')
  assert.equal(({} as Record<string, unknown>).x, undefined)
})

test('YAML is printed as sigs.k8s.io/yaml prints it', () => {
  const value = {
    b: [{ c: 1, a: [] }, ['x', ['y']], {}],
    a10: 'yes',
    a2: '0644',
    text: 'line one\nline two\n',
    tail: 'no end\nhere',
    lead: ' x',
    colon: 'a: b',
    hash: 'a #b',
    dash: '- a',
    empty: '',
    tab: 'a\tb',
    quote: "it's",
    star: '*',
    null: null,
    float: 1.5,
    big: 1e21,
    many: 'the quick brown fox jumps over the lazy dog and the quick brown fox jumps over it once more',
    gone: undefined,
  }
  assert.equal(
    printYaml(value),
    `a2: "0644"
a10: "yes"
b:
- a: []
  c: 1
- - x
  - - "y"
- {}
big: 1e+21
colon: 'a: b'
dash: '- a'
empty: ""
float: 1.5
hash: 'a #b'
lead: ' x'
many: the quick brown fox jumps over the lazy dog and the quick brown fox jumps over
  it once more
"null": null
quote: it's
star: '*'
tab: "a\\tb"
tail: |-
  no end
  here
text: |
  line one
  line two
`,
  )
  assert.equal(printYaml({}), '{}\n')
  assert.equal(printYaml('x'), 'x\n')
})

const words = fc.constantFrom(
  'a',
  ' ',
  '\n',
  ':',
  '#',
  '-',
  "'",
  '"',
  '\\',
  'yes',
  '1',
  '.',
  '{',
  '[',
  '*',
  'é',
  '日本',
  '~',
  '|',
  'lorem ipsum dolor',
)
const texts = fc.array(words, { maxLength: 12 }).map((parts) => parts.join(''))
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

test('property: what is printed is read as it was', () => {
  fc.assert(
    fc.property(values, (value) => {
      assert.deepEqual(parsed(printYaml({ value })), { value })
    }),
    { numRuns: 500 },
  )
})

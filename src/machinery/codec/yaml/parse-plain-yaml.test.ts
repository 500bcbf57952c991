import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsePlainYaml } from './parse-plain-yaml.ts'
import { parseYamlDocuments } from './parse-yaml.ts'
import { printYaml } from './print-yaml.ts'

test('an object as most are written is understood', () => {
  const text = `---
# A comment.
apiVersion: v1
kind: Pod
metadata:
  name: web-0
  labels: {}
  "annotations":
    a.b/c-d: 'x: y'

spec:
  containers:
  - name: main
    image: registry.example:5000/web:1.2
    args:
      - --port=80
      - "80"
    ports: []
  - name: other
    tty: true
  priority: 5
  weight: 1.5
  nothing:
`
  assert.deepEqual(parsePlainYaml(text), {
    value: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-0', labels: {}, annotations: { 'a.b/c-d': 'x: y' } },
      spec: {
        containers: [
          { name: 'main', image: 'registry.example:5000/web:1.2', args: ['--port=80', '80'], ports: [] },
          { name: 'other', tty: true },
        ],
        priority: 5,
        weight: 1.5,
        nothing: null,
      },
    },
    duplicates: [],
  })
})

const pieces = [
  'a',
  'b: 1',
  'a:',
  'a: ',
  '- ',
  '-',
  '  ',
  ' ',
  '\n',
  '\n',
  '\n  ',
  '#',
  ': ',
  '"',
  "'",
  '---',
  'x',
  '1',
  'y',
  '{}',
  '[]',
  '|',
  '&a ',
  '...',
]
const lines = [
  'a: 1',
  'b:',
  '- a',
  '- b: 2',
  '  c: x',
  '  - d',
  '    e: "f"',
  '- - g',
  '  h:',
  '# i',
  '',
  'y: 1',
  "k: 'l'",
  '-  m: n',
  '   o: p',
]
const known = (text: string) => {
  try {
    const documents = parseYamlDocuments(text)
    return documents.length === 1 ? { ...documents[0]! } : 'several'
  } catch (error) {
    return String(error)
  }
}

test('property: what is understood is what the whole language means', () => {
  let understood = 0
  const check = (text: string) => {
    const plain = parsePlainYaml(text)
    if (plain === undefined) return
    understood++
    assert.deepEqual({ ...plain }, known(text), JSON.stringify(text))
  }
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 8 }), (some) => check(some.join('\n'))),
    {
      numRuns: 3000,
    },
  )
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (some) => check(some.join(''))),
    {
      numRuns: 3000,
    },
  )
  fc.assert(fc.property(fc.jsonValue(), (value) => check(printYaml(value))))
  assert.ok(understood > 500, `${understood} texts`)
})

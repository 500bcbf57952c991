import { bytes, configMaps, deployments, malformedBodies, nested, strict } from './case.fixture.ts'

const target = { method: 'POST', path: configMaps, contentType: 'application/yaml' } as const
const head = 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: new\n'
const strictly = { path: `${configMaps}?${strict}` }
const levels = [...'abcdefghi']
const bomb = levels
  .map((name, index) => {
    const item = index === 0 ? '"lol"' : `*${levels[index - 1]}`
    return `${name}: &${name} [${Array(9).fill(item).join()}]`
  })
  .join('\n')

export const yamlBodies = malformedBodies('yaml', target, {
  'nothing at all': '',
  'only a comment': '# tea',
  'only the mark of a document': '---\n',
  'a scalar': 'tea',
  'a list': '- a\n- b',
  'a number': '5',
  'cut off inside a flow map': '{kind: ConfigMap, metadata: {name: a',
  'cut off inside a flow list': 'data: [a, b',
  'cut off inside a quoted string': `${head}data:\n  a: "tea`,
  'cut off inside a key': `${head}data`,
  'a tab as indentation': 'kind: ConfigMap\nmetadata:\n\tname: a',
  'a wrong indentation': 'kind: ConfigMap\n metadata:\n  name: a',
  'two keys on a line': 'kind: ConfigMap: v1',
  'two documents': `${head}---\n${head}`,
  'an unknown alias': 'kind: *tea',
  'an anchor without a value': 'a: &x',
  'an unknown escape': 'kind: "\\q"',
  'an unknown directive': '%TEA 1\n---\nkind: ConfigMap',
  'a reserved indicator': 'kind: @tea',
  'a backtick': 'kind: `tea`',
  'an unknown tag': `${head}data: !tea {a: b}`,
  'a tag of bytes': `${head}data:\n  a: !!binary dGVh`,
  'a tag of bytes that are not base64': `${head}data:\n  a: !!binary "?"`,
  'a tag that does not fit': `${head}data:\n  a: !!int tea`,
  'a merge of what is no map': `${head}data:\n  <<: tea`,
  'a merge': `x: &x {a: b}\n${head}data:\n  <<: *x\n`,
  'a merge with strictness': [`x: &x {a: b}\n${head}data:\n  <<: *x\n`, strictly],
  'a key that is a list': `${head}data:\n  ? [a]\n  : b`,
  'a key that is a number': `${head}data:\n  5: b`,
  'a key that is a bool': `${head}data:\n  true: b`,
  'a key that is null': `${head}data:\n  ~: b`,
  'a value that is a number': `${head}data:\n  a: 5`,
  'a value that is a bool': `${head}data:\n  a: yes`,
  'a value that is a time': `${head}data:\n  a: 2026-01-01`,
  'a value that is a map': `${head}data:\n  a:\n    b: c`,
  infinity: `${head}data:\n  a: .inf`,
  'not a number': `${head}immutable: .nan`,
  'a number in base eight': `kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a}\nspec: {replicas: 0o17}`,
  'a number that is too large for its type': [
    'kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a}\nspec: {replicas: 99999999999}',
    { path: deployments },
  ],
  'a number with a thousand digits': [
    `kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a}\nspec: {replicas: ${'9'.repeat(1000)}}`,
    { path: deployments },
  ],
  'a NUL': bytes('kind: Con', [0], 'figMap'),
  'a control character': bytes('kind: Con', [7], 'figMap'),
  'bad UTF-8': bytes('kind: Con', [0xff, 0xfe], 'figMap'),
  'half of a character': bytes('kind: Con', [0xc3]),
  'UTF-16 with its mark': bytes([0xff, 0xfe], [...Buffer.from('kind: ConfigMap\n', 'utf16le')]),
  'a key twice': `${head}kind: ConfigMap\n`,
  'a key twice with strictness': [`${head}data:\n  a: b\n  a: c\n`, strictly],
  'an unknown field': [`${head}tea: 1\n`, strictly],
  '__proto__ as a field': [`${head}__proto__:\n  polluted: true\n`, strictly],
  '__proto__ as a value': [`${head}data:\n  __proto__: {polluted: true}\n`, strictly],
  'a billion laughs': `${bomb}\n`,
  'a billion laughs as data': `${head}data:\n${bomb
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`,
  'an alias of itself': 'a: &a [*a]',
  'lists nested a hundred thousand deep': nested(100_000, '[', ']'),
  'maps nested a hundred thousand deep': nested(100_000, '{a: ', '}', '1'),
  'blocks nested two thousand deep': Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  'lists nested a million deep and never closed': '['.repeat(1_000_000),
  'a hundred thousand keys': Array.from({ length: 100_000 }, (_, n) => `f${n}: 0`).join('\n'),
  'more than three megabytes': `${head}data:\n  a: ${'x'.repeat(3 * 1024 * 1024)}`,
  'a kind that is a number': 'kind: 5\napiVersion: v1',
  'a kind that nobody knows': 'kind: Sphinx\napiVersion: v1',
  'JSON that is cut off': '{"kind":"ConfigMap"',
})

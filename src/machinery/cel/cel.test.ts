import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extendEnvironment } from './environment.ts'
import { formatValue } from './format-value.ts'
import { kubernetesCosts } from './libraries/kubernetes-cost.ts'
import { newExpressions, perCallLimit, storedExpressions } from './libraries/kubernetes.ts'
import { nativeValue } from './native-value.ts'
import { compile, estimateCost, type Evaluation, Program } from './program.ts'
import { dynType, formatType } from './type.ts'
import { CelError } from './value.ts'

const environment = extendEnvironment(storedExpressions, { variables: [['self', dynType]] })
const estimator = kubernetesCosts()

function run(expression: string, self: unknown = {}): Evaluation {
  const program = new Program(compile(expression, environment), environment, estimator, perCallLimit)
  const value = nativeValue(self)
  return program.evaluate((name) => (name === 'self' ? value : undefined))
}
const issuesOf = (expression: string) => {
  try {
    compile(expression, environment)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

const isTrue = (table: string, self?: unknown) => {
  for (const line of table.trim().split('\n')) {
    const { value } = run(line.trim(), self)
    assert.equal(value instanceof CelError ? value.message : value, true, line)
  }
}

test('numbers are exact, their types distinct and their overflows errors', () => {
  isTrue(String.raw`
    9223372036854775807 - 1 == 9223372036854775806
    -9223372036854775808 < -9223372036854775807
    7 / 2 == 3 && -7 / 2 == -3 && -7 % 2 == -1 && 7.0 / 2.0 == 3.5
    0x1F == 31 && 0xffu == 255u && 1e3 == 1000.0 && .5 == 0.5
    dyn(1) == 1.0 && dyn(1u) == 1 && 1 < 1.5 && 2u > 1
    int(3.9) == 3 && int('-12') == -12 && uint(3) == 3u && double('1e2') == 100.0
    string(1e6) == '1e+06' && string(123456.0) == '123456'
  `)
  const failing: Record<string, string> = {
    '9223372036854775807 + self.one': 'integer overflow',
    '-(-9223372036854775808 * self.one)': 'integer overflow',
    '0u - 1u': 'unsigned integer overflow',
    'self.one / 0': 'division by zero',
    'self.one % 0': 'modulus by zero',
    'int(self.big)': 'integer overflow',
  }
  for (const [expression, message] of Object.entries(failing)) {
    const { value } = run(expression, { one: 1, big: 1e300 })
    assert.ok(value instanceof CelError && value.message === message, expression)
  }
})

test('text counts code points and knows all escapes', () => {
  isTrue(String.raw`
    size('héllo😀') == 6 && 'héllo😀'.substring(4) == 'o😀'
    '\u00e9\x41\101\n' == "éAA\n" && r'\d' == '\\d' && '''a'b''' == "a'b"
    b'\xff\377' == b'\377\xff' && bytes('é') == b'\xc3\xa9'
    'tacocat'.indexOf('c', 3) == 4 && 'abcabc'.lastIndexOf('b') == 4 && 'x'.charAt(1) == ''
    'a,b,c'.split(',', 2) == ['a', 'b,c'] && ['a', 'b'].join('-') == 'a-b'
    'banana'.replace('a', 'o', 2) == 'bonona' && ' x\t'.trim() == 'x'
    '%s is %.2f or %d%%: %x'.format(['it', 1234.5, 5, 255]) == 'it is 1,234.50 or 5%: ff'
    'abc123'.find('[0-9]+') == '123' && 'a1b22'.findAll('[0-9]+') == ['1', '22'] && 'x1'.matches('^x[0-9]$')
  `)
})

test('times and durations', () => {
  isTrue(`
    timestamp('2024-02-29T12:00:00Z') + duration('24h') == timestamp('2024-03-01T12:00:00Z')
    timestamp('2024-01-01T00:00:00Z') - timestamp('2023-12-31T23:59:59.5Z') == duration('500ms')
    timestamp('2024-12-31T23:30:00Z').getDayOfYear() == 365
    timestamp('2024-06-01T00:30:00Z').getHours('America/New_York') == 20
    timestamp('2024-06-01T00:30:00Z').getDate('-01:00') == 31
    duration('1h30m').getMinutes() == 90 && string(duration('90s')) == '90s'
    string(timestamp('2020-01-01T00:00:00+01:00')) == '2020-01-01T00:00:00+01:00'
  `)
})

test('collections, comprehensions and optional values', () => {
  isTrue(
    `
    [1, 2] + [3] == [1, 2, 3] && 2 in [1, 2] && !('b' in {'a': 1}) && {'a': 1}.a == 1
    [3, 1, 2].sort() == [1, 2, 3] && ['bb', 'a'].sortBy(x, size(x)) == ['a', 'bb'] && [1, 1, 2].distinct() == [1, 2]
    [1, 2, 3].map(x, x > 1, x * 2) == [4, 6] && [1, 2, 3].filter(x, x != 2) == [1, 3]
    [1, 2].exists(x, x / 0 > 1 || x == 2) && ![].exists(x, true) && [].all(x, false)
    [1, 2, 2].exists_one(x, x == 1) && ['a', 'b'].all(i, v, i < 2 && v != 'c')
    {'a': 1, 'b': 2}.transformMap(k, v, v * 10) == {'a': 10, 'b': 20}
    ['x', 'y'].transformMapEntry(i, v, {v: i}) == {'x': 0, 'y': 1}
    has(self.spec.name) && !has(self.spec.none)
    self.?spec.?none.orValue('d') == 'd' && self.spec.?name.optMap(n, n + '!').value() == 'web!'
    self.?list[?9].hasValue() == false && optional.ofNonZeroValue('').or(optional.of('z')).value() == 'z'
    [?optional.none(), ?optional.of(1)] == [1] && {?'a': optional.none()} == {}
    self.list.sum() == 6 && self.list.max() == 3 && self.list.isSorted() && self.list.indexOf(3) == 2
    sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])
    type(1) == int && type(self.list) == list && type(null) == null_type
  `,
    { spec: { name: 'web' }, list: [1, 2, 3] },
  )
  for (const [expression, message] of [
    ['self.none', 'no such key: none'],
    ['self.list[9]', 'index out of bounds: 9'],
    ['self.list + 1', 'no such overload'],
    ['optional.none().value()', 'optional.none() dereference'],
  ] as const) {
    const { value } = run(expression, { list: [] })
    assert.equal(value instanceof CelError && value.message, message)
  }
})

test('the libraries of Kubernetes', () => {
  isTrue(`
    quantity('1Gi').isGreaterThan(quantity('1000M')) && quantity('50k').add(20).asInteger() == 50020
    !isQuantity('1z') && sign(quantity('-1.5')) == -1 && quantity('100m').asApproximateFloat() == 0.1
    url('https://user@example.com:80/a%2fb?x=1&x=2').getHost() == 'example.com:80'
    url('https://example.com/a?x=1&x=2').getQuery() == {'x': ['1', '2']} && !isURL('../relative')
    ip('10.0.0.1').family() == 4 && ip('::1').isLoopback() && !isIP('10.0.0.01') && ip.isCanonical('::1')
    cidr('10.1.0.0/16').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')
    string(cidr('10.1.2.3/16').masked()) == '10.1.0.0/16'
    semver('1.10.0').isGreaterThan(semver('1.9.0-rc.1')) && isSemver('v1.2', true) && semver('1.2.3').minor() == 2
    format.dns1123Label().validate('ok') == optional.none() && format.named('uri').value().validate('x').hasValue()
  `)
})

test('errors are drawn as cel-go draws them', () => {
  const drawn: Record<string, string> = {
    'x.foo': "ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.foo\n | ^",
    "1 + 'a'":
      "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^",
    '[1].foo()': "ERROR: <input>:1:8: undeclared reference to 'foo' (in container '')\n | [1].foo()\n | .......^",
    "'a'.size(1)":
      "ERROR: <input>:1:9: found no matching overload for 'size' applied to 'string.(int)'\n | 'a'.size(1)\n | ........^",
    '[1, "a"]': "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, \"a\"]\n | ....^",
    "duration('x')": "ERROR: <input>:1:10: invalid duration argument\n | duration('x')\n | .........^",
    "'é' + 1 > 0":
      "ERROR: <input>:1:5: found no matching overload for '_+_' applied to '(string, int)'\n | 'é' + 1 > 0\n | .．..^",
    '(1 + 2': "ERROR: <input>:1:7: Syntax error: missing ')' at '<EOF>'\n | (1 + 2\n | ......^",
    'self.x)': "ERROR: <input>:1:7: Syntax error: extraneous input ')' expecting <EOF>\n | self.x)\n | ......^",
    if: 'ERROR: <input>:1:1: reserved identifier: if\n | if\n | ^',
    '1 +':
      "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^",
  }
  for (const [expression, text] of Object.entries(drawn)) assert.equal(issuesOf(expression), text)
  assert.match(issuesOf(`${'('.repeat(300)}1${')'.repeat(300)}`), /-1:0: expression recursion limit exceeded: 250$/)
})

test('what a release does not know yet cannot be written, though it can be stored', () => {
  assert.throws(() => compile('[1].includes(1)', newExpressions), /undeclared reference to 'includes'/)
  assert.equal(run('[1].includes(1)').value, true)
})

test('estimated and actual costs are those of Kubernetes', () => {
  // Upstream's figures: minimum, maximum, actual.
  const figures: Record<string, readonly [number, bigint, number]> = {
    '1 + 2 == 3': [2, 2n, 2],
    '[1, 2, 3].map(x, x * 2) == []': [73, 73n, 43],
    '1 in [1, 2, 3]': [13, 13n, 0],
    'has(self.a)': [1, 1n, 1],
    'self.l.all(x, x > 0)': [2, 2n ** 64n - 1n, 18],
    "self.s.contains('ab')": [1, 1844674407370955265n, 3],
    "self.s.matches('^a.*b$')": [3, 3689348814741910529n, 4],
  }
  for (const [expression, [min, max, actual]] of Object.entries(figures)) {
    const estimate = estimateCost(compile(expression, environment), environment, estimator)
    const { cost } = run(expression, { a: 1, s: 'abc', l: [1, 2, 3] })
    assert.deepEqual([expression, estimate.min, estimate.max, cost], [expression, BigInt(min), max, actual])
  }
})

test('security.md, parser bombs: an evaluation that costs too much is stopped', () => {
  const numbers = 'lists.range(200)'
  const { value, cost } = run(`${numbers}.all(a, ${numbers}.all(b, ${numbers}.all(c, a + b + c >= 0)))`)
  assert.equal(formatValue(value), 'operation cancelled: actual cost limit exceeded')
  assert.ok(cost > perCallLimit && cost < perCallLimit + 1000)
})

test('types are inferred through parameters', () => {
  const typed = { '[]': 'list(dyn)', '[[1]]': 'list(list(int))', "{'a': [1.0]}": 'map(string, list(double))' }
  for (const [expression, type] of Object.entries(typed))
    assert.equal(formatType(compile(expression, environment).outputType), type)
  assert.equal(formatType(compile('optional.of([1]).optMap(x, x[0])', environment).outputType), 'optional_type(int)')
})

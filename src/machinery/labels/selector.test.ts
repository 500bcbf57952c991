import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelSelectorOfText, selectorOfLabelSelector, formatLabelSelector, cachedSelector } from './label-selector.ts'
import { parseSelector } from './parse-selector.ts'
import { selectorOfLabels } from './selector.ts'

function messageOf(action: () => unknown): string | undefined {
  try {
    action()
  } catch (error) {
    return (error as Error).message
  }
  return undefined
}

test('a selector prints as upstream prints it, sorted by key', () => {
  const table: [string, string][] = [
    ['', ''],
    ['x=a,y=b,z=c', 'x=a,y=b,z=c'],
    ['z=c, x==a', 'x==a,z=c'],
    ['x!=a', 'x!=a'],
    ['x', 'x'],
    ['! x', '!x'],
    ['x in (b,a)', 'x in (a,b)'],
    ['x notin ()', 'x notin ()'],
    ['x in (,a,)', 'x in (,a)'],
    ['x in (in,notin)', 'x in (in,notin)'],
    ['in in (in)', 'in in (in)'],
    ['x>1,y<2', 'x>1,y<2'],
    ['x=', 'x='],
    ['x=,z= ', 'x=,z='],
    ['a.io/b=c', 'a.io/b=c'],
  ]
  for (const [text, printed] of table) assert.equal(parseSelector(text).toString(), printed, text)
})

test("a selector that cannot be read says why in upstream's words", () => {
  const binary = 'in, notin, =, ==, !=, gt, lt'
  const table: [string, string][] = [
    [
      'x=a||y=b',
      "unable to parse requirement: values[0][x]: Invalid value: \"a||y\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    ['x==a==b', "found '==', expected: ',' or 'end of string'"],
    ['!x=a', "found '=', expected: ',' or 'end of string'"],
    [
      'x<a',
      "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    ['x,', "found '', expected: identifier after ','"],
    [',x', "found ',', expected: !, identifier, or 'end of string'"],
    ['x in a', "unable to parse requirement: found 'a' expected: '('"],
    ['x in (a', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['x y', `unable to parse requirement: found 'y', expected: ${binary}`],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    [
      'a/b/c=d',
      "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ],
  ]
  for (const [text, message] of table)
    assert.equal(
      messageOf(() => parseSelector(text)),
      message,
      text,
    )
})

test('matching follows the operators', () => {
  const table: [string, Record<string, string>, boolean][] = [
    ['', { x: 'y' }, true],
    ['x=y', { x: 'y' }, true],
    ['x=y,z=w', { x: 'y' }, false],
    ['x!=y', {}, true],
    ['x!=y', { x: 'y' }, false],
    ['x notin (a,b)', { x: 'c' }, true],
    ['x notin (a,b)', {}, true],
    ['x in (a,b)', { x: 'b' }, true],
    ['x in (a,b)', {}, false],
    ['x', { x: '' }, true],
    ['!x', { x: '' }, false],
    ['x>1', { x: '2' }, true],
    ['x>1', { x: '1' }, false],
    ['x<5', { x: 'a' }, false],
    ['x<5', {}, false],
    ['constructor', {}, false],
    ['!toString', {}, true],
  ]
  for (const [text, labels, matches] of table) assert.equal(parseSelector(text).matches(labels), matches, text)
})

test('an absent LabelSelector selects nothing, an empty one everything', () => {
  assert.equal(selectorOfLabelSelector(undefined).matches({ a: 'b' }), false)
  assert.equal(selectorOfLabelSelector({}).matches({ a: 'b' }), true)
  assert.equal(selectorOfLabelSelector({}).empty, true)
})

test('a LabelSelector becomes requirements on all its parts', () => {
  const selector = Object.freeze({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['b', 'a'] },
      { key: 'old', operator: 'DoesNotExist' },
    ],
  })
  assert.equal(formatLabelSelector(selector), 'app=web,!old,tier in (a,b)')
  assert.equal(cachedSelector(selector), cachedSelector(selector))
  assert.equal(
    messageOf(() => selectorOfLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Is' }] })),
    '"Is" is not a valid label selector operator',
  )
  assert.deepEqual(labelSelectorOfText('app=web,tier in (a,b),!old'), {
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'old', operator: 'DoesNotExist' },
      { key: 'tier', operator: 'In', values: ['a', 'b'] },
    ],
  })
})

test('exactValue tells the one value that a label must have', () => {
  assert.equal(parseSelector('a=b').exactValue('a'), 'b')
  assert.equal(parseSelector('a in (b)').exactValue('a'), 'b')
  assert.equal(parseSelector('a in (b,c)').exactValue('a'), undefined)
  assert.equal(selectorOfLabels({ a: 'b' }).exactValue('z'), undefined)
})

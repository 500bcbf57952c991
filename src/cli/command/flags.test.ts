import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  booleanFlag,
  listFlag,
  numberFlag,
  parseDuration,
  parseFlags,
  stringFlag,
  suggestion,
  UsageError,
} from './flags.ts'

const declared = {
  nodes: numberFlag('how many', { default: 1 }),
  output: stringFlag('how', { short: 'o', values: ['json', 'yaml', 'jsonpath='] }),
  stdin: booleanFlag('in', { short: 'i' }),
  tty: booleanFlag('tty', { short: 't' }),
  watch: booleanFlag('watch', { short: 'w' }),
  label: listFlag('labels', { short: 'l' }),
}

test('flags and arguments may come in any order and in every form of pflag', () => {
  const { flags, args, given } = parseFlags(declared, [
    'pod',
    '-it',
    '--nodes=3',
    'a',
    '-ojson',
    '--label',
    'x,y',
    '-l',
    'z',
    '--watch=false',
    '--',
    '-sh',
    '--nodes',
  ])
  assert.deepEqual(flags, { nodes: 3, output: 'json', stdin: true, tty: true, watch: false, label: ['x', 'y', 'z'] })
  assert.deepEqual(args, ['pod', 'a', '-sh', '--nodes'])
  assert.ok(given.has('watch') && given.has('output'))
})

test('a short flag takes its value after an equals sign too', () => {
  assert.equal(parseFlags(declared, ['-o=yaml']).flags.output, 'yaml')
})

const refused: readonly (readonly [readonly string[], RegExp])[] = [
  [['--node', '3'], /^unknown flag: --node, did you mean --nodes\?$/],
  [['-x'], /^unknown shorthand flag: 'x' in -x$/],
  [['--nodes'], /^flag needs an argument: --nodes$/],
  [['--nodes', 'many'], /^invalid argument "many" for "--nodes" flag: must be a whole number, 0 or more$/],
  [['-o', 'xml'], /^invalid argument "xml" for "-o, --output" flag: must be one of json, yaml, jsonpath=…$/],
  [['--watch=perhaps'], /must be true or false$/],
  [['--__proto__', 'x'], /^unknown flag: --__proto__$/],
]
for (const [argv, message] of refused) {
  test(`${argv.join(' ')} is refused with a precise message`, () => {
    assert.throws(
      () => parseFlags(declared, argv),
      (error) => error instanceof UsageError && message.test(error.message),
    )
  })
}

test('durations are read as Go writes them', () => {
  assert.equal(parseDuration('1h30m'), 5400)
  assert.equal(parseDuration('250ms'), 0.25)
  assert.equal(parseDuration('5 m'), undefined)
})

test('a suggestion is made only for what is close', () => {
  assert.equal(suggestion('statsu', ['status', 'up']), ', did you mean status?')
  assert.equal(suggestion('frobnicate', ['status', 'up']), '')
})

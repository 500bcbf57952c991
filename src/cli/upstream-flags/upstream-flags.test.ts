import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inertOptions } from '../../cluster/settings.ts'
import { complete } from '../command/completion.ts'
import type { Flag } from '../command/flags.ts'
import { helpText } from '../command/help.ts'
import { apiserverCommand } from '../commands/apiserver.ts'
import { skiff } from '../skiff.ts'
import { absentFlags } from './absent-flags.ts'

/** What `kube-apiserver --help` of v1.37.1 lists: name, type and default; and one flag that is deprecated, hidden and ignored. */
const upstream = readFileSync(new URL('kube-apiserver.flags.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'))
const ours: Readonly<Record<string, Flag>> = apiserverCommand.flags

/** How upstream's types of flags are called here. */
const typesHere: Readonly<Record<string, Flag['type']>> = {
  bool: 'boolean',
  duration: 'duration',
  float: 'number',
  float32: 'number',
  int: 'number',
  Level: 'number',
  string: 'string',
  strings: 'list',
  stringArray: 'list',
  mapStringString: 'list',
  colonSeparatedMultimapStringString: 'list',
  int32Slice: 'list',
  namedCertKey: 'list',
  portRange: 'string',
  ip: 'string',
}
/** It listens at loopback in any case, so that there may be several others. */
const otherTypes: Readonly<Record<string, Flag['type']>> = { 'bind-address': 'list' }

test('every flag of kube-apiserver is known, or it is said why not', () => {
  const problems: string[] = []
  for (const [name = '', type = ''] of upstream) {
    const flag = ours[name]
    const why = absentFlags[name]
    if (flag === undefined && why === undefined) problems.push(`--${name} is missing`)
    if (flag !== undefined && why !== undefined) problems.push(`--${name} is known, though its absence is explained`)
    const wanted = otherTypes[name] ?? typesHere[type]
    if (flag !== undefined && flag.type !== wanted) problems.push(`--${name} is a ${flag.type}, not a ${wanted}`)
  }
  const names = new Set(upstream.map(([name]) => name))
  for (const name of [...Object.keys(absentFlags), ...Object.keys(inertOptions)])
    if (!names.has(name)) problems.push(`upstream has no --${name}`)
  assert.deepEqual(problems, [])
})

test('every flag that is known is in the help, in what shells offer, and on the page of the API server', async () => {
  const help = helpText(apiserverCommand, 'skiff apiserver')
  const page = readFileSync(new URL('../../../docs/apiserver.md', import.meta.url), 'utf8')
  const offered = new Set(await complete(skiff, ['apiserver', '--'], {}))
  for (const name of Object.keys(ours)) {
    assert.match(help, new RegExp(`^ +(-\\w, )?--${name}\\b`, 'm'))
    assert.ok(offered.has(`--${name}`), `--${name} is offered`)
    assert.match(page, new RegExp(`^\\| \`--${name}[ \`]`, 'm'))
  }
})

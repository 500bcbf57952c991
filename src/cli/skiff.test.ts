import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Command } from './command/command.ts'
import { completionScripts } from './command/completion.ts'
import { runCommand } from './command/run-command.ts'
import { skiff } from './skiff.ts'

async function run(argv: readonly string[], env: Record<string, string> = { SKIFF_DATA_DIR: '/nowhere/skiff' }) {
  const said = { stdout: '', stderr: '' }
  const code = await runCommand(skiff, argv, {
    stdout: (text) => void (said.stdout += text),
    stderr: (text) => void (said.stderr += text),
    env,
    signal: new AbortController().signal,
    interactive: false,
  })
  return { code, ...said }
}

function everyPath(command: Command, path: readonly string[] = []): (readonly string[])[] {
  return [path, ...(command.subcommands ?? []).flatMap((sub) => everyPath(sub, [...path, sub.name]))]
}

test('every command explains itself, by --help, -h and skiff help', async () => {
  for (const path of everyPath(skiff)) {
    const asked = await run([...path, '--help'])
    assert.equal(asked.code, 0, path.join(' '))
    assert.match(asked.stdout, /^\S.*\n\nUsage:\n {2}skiff/)
    assert.deepEqual(await run([...path, '-h']), asked)
    assert.deepEqual(await run(['help', ...path]), asked)
  }
  assert.equal((await run([])).stdout, (await run(['--help'])).stdout)
})

test("a user's mistake is one sentence, the way to help, and exit code 2", async () => {
  const cases: [string[], string][] = [
    [['upp'], 'skiff: unknown command "upp" for "skiff", did you mean up?\nRun "skiff --help" for the commands.\n'],
    [
      ['up', '--stores', 'x'],
      'skiff: unknown flag: --stores, did you mean --store?\nRun "skiff up --help" for usage.\n',
    ],
    [
      ['up', '--nodes', '0'],
      'skiff: invalid argument "0" for "--nodes" flag: must be at least 1\nRun "skiff up --help" for usage.\n',
    ],
    [
      ['up', '--port', '0'],
      'skiff: invalid argument "0" for "--port" flag: must be at least 1\nRun "skiff up --help" for usage.\n',
    ],
    [
      ['up', '--store', 'postgres'],
      'skiff: invalid argument "postgres" for "--store" flag: must be one of sqlite, memory, etcd=…\nRun "skiff up --help" for usage.\n',
    ],
    [
      ['up', '--store', 'etcd='],
      'skiff: invalid argument "etcd=" for "--store" flag: an etcd needs a URL, such as etcd=http://127.0.0.1:2379\nRun "skiff up --help" for usage.\n',
    ],
    [
      ['up', '--store', 'etcd=localhost:2379'],
      'skiff: invalid argument "etcd=localhost:2379" for "--store" flag: localhost:2379 is no http or https URL\nRun "skiff up --help" for usage.\n',
    ],
    [
      ['up', '--mirror', 'docker.io'],
      'skiff: invalid argument "docker.io" for "--mirror" flag: must be REGISTRY=URL, such as docker.io=http://127.0.0.1:5000\nRun "skiff up --help" for usage.\n',
    ],
    [['down', 'now'], 'skiff: skiff down takes no arguments, got "now"\nRun "skiff down --help" for usage.\n'],
    [['image', 'load'], 'skiff: skiff image load needs FILE ...\nRun "skiff image load --help" for usage.\n'],
    [['completion', 'tcsh'], 'skiff: no completion for "tcsh": choose one of bash, zsh, fish\n'],
  ]
  for (const [argv, sentence] of cases)
    assert.deepEqual(await run(argv), { code: 2, stdout: '', stderr: sentence }, argv.join(' '))
})

test('what needs a cluster says where none is, and how to start one', async () => {
  for (const argv of [['status'], ['kubeconfig'], ['logs'], ['image', 'load', '/dev/null']]) {
    const { code, stderr } = await run(argv)
    assert.equal(code, 1)
    assert.match(stderr, /^skiff: .*\/nowhere\/skiff.*: start (one|a cluster) with skiff up\n$/, argv.join(' '))
  }
  for (const argv of [['down'], ['reset']])
    assert.deepEqual(await run(argv), { code: 1, stdout: '', stderr: 'skiff: there is no cluster in /nowhere/skiff\n' })
})

test('a cluster whose settings are damaged can be reset, as its own words say', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-cli-'))
  const env = { SKIFF_DATA_DIR: folder, KUBECONFIG: join(folder, 'none') }
  writeFileSync(join(folder, 'settings.json'), '{"name":')
  const { code, stderr } = await run(['up', '--runtime', 'simulated'], env)
  assert.equal(code, 1)
  assert.match(stderr, /settings\.json cannot be read \(.*\): repair it, or start over with skiff reset\n$/)
  assert.deepEqual(await run(['reset'], env), { code: 0, stdout: 'The cluster and its data are gone.\n', stderr: '' })
  assert.ok(!existsSync(folder))
})

test('version tells all three versions, as text and as JSON, also as --version', async () => {
  const { stdout } = await run(['version'])
  assert.match(stdout, /^Skiff \d+\.\d+\.\d+\nKubernetes v1\.37\.1\nNode\.js v26\.\d+\.\d+\n$/)
  assert.equal((await run(['--version'])).stdout, stdout)
  assert.deepEqual(Object.keys(JSON.parse((await run(['version', '-o', 'json'])).stdout) as object), [
    'skiff',
    'kubernetes',
    'node',
  ])
})

test('completion offers commands, flags, their values, shells and the logs that there are', async () => {
  const offers = async (...words: string[]) => (await run(['__complete', '--', ...words])).stdout.trim().split('\n')
  assert.deepEqual(await offers('re'), ['reset'])
  assert.deepEqual(await offers('up', '--det'), ['--detach'])
  assert.deepEqual(await offers('up', '--runtime', 's'), ['simulated'])
  assert.deepEqual(await offers('image', ''), ['load', 'build'])
  assert.deepEqual(await offers('completion', ''), ['bash', 'zsh', 'fish'])
  const folder = mkdtempSync(join(tmpdir(), 'skiff-cli-'))
  try {
    mkdirSync(join(folder, 'nodes/node1'), { recursive: true })
    writeFileSync(join(folder, 'nodes/node1/containerd.log'), 'a\nb\nc')
    const env = { SKIFF_DATA_DIR: folder }
    assert.equal((await run(['__complete', '--', 'logs', 'no'], env)).stdout, 'node1/containerd\n')
    assert.equal((await run(['logs'], env)).stdout, 'node1/containerd\n')
    assert.equal((await run(['logs', 'node1/containerd'], env)).stdout, 'a\nb\nc')
    assert.equal((await run(['logs', 'node1/containerd', '--tail', '1'], env)).stdout, 'b\nc')
    assert.deepEqual(await run(['logs', 'node2/kubelet'], env), {
      code: 1,
      stdout: '',
      stderr: 'skiff: there is no component "node2/kubelet": choose one of node1/containerd\n',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the completion scripts are valid in the shells that are here', () => {
  for (const [shell, script] of Object.entries(completionScripts)) {
    const { error, status, stderr } = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' })
    if (error === undefined) assert.equal(status, 0, stderr)
  }
})

test('bash completes with the script', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-cli-'))
  try {
    const script = `PATH=${folder}:$PATH\n${completionScripts['bash']}
COMP_WORDS=(skiff up --ru); COMP_CWORD=2; _skiff; echo "\${COMPREPLY[@]}"`
    writeFileSync(join(folder, 'skiff'), '#!/bin/sh\necho "--asked: $*"\n', { mode: 0o755 })
    assert.equal(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout, '--asked: __complete -- up --ru\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Secret } from '../../api/types.generated.ts'
import { parseImageName, withDefaultTag } from './image-name.ts'
import { credentialsFor } from './pull-credentials.ts'

const digest = `sha256:${'a'.repeat(64)}`

test('names of images are read as docker does', () => {
  const cases: readonly [string, string, string | undefined, string | undefined][] = [
    ['busybox', 'docker.io/library/busybox', 'latest', undefined],
    ['busybox:1', 'docker.io/library/busybox', '1', undefined],
    ['me/app', 'docker.io/me/app', 'latest', undefined],
    ['localhost/app', 'localhost/app', 'latest', undefined],
    ['r.io:5000/a/b:v1', 'r.io:5000/a/b', 'v1', undefined],
    [`r.io/a@${digest}`, 'r.io/a', undefined, digest],
    [`r.io/a:v1@${digest}`, 'r.io/a', 'v1', digest],
    ['docker.io/app', 'docker.io/library/app', 'latest', undefined],
  ]
  for (const [image, repository, tag, its] of cases) {
    assert.deepEqual(parseImageName(image), { repository, tag, digest: its }, image)
  }
})

test('a name without tag gets one, and stays as it was written otherwise', () => {
  assert.equal(withDefaultTag('busybox'), 'busybox:latest')
  assert.equal(withDefaultTag('busybox:1'), 'busybox:1')
  assert.equal(withDefaultTag(`a@${digest}`), `a@${digest}`)
  assert.throws(
    () => withDefaultTag('Busybox'),
    /couldn't parse image name "Busybox": invalid reference format: repository name must be lowercase/,
  )
  assert.throws(() => withDefaultTag('a b'), /invalid reference format$/)
})

const secret = (auths: object): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's' },
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
})
const auth = (user: string) => ({ auth: Buffer.from(`${user}:pass`).toString('base64') })

test('credentials are those of the registry, the most exact first', () => {
  const secrets = [
    secret({ 'https://index.docker.io/v1/': auth('hub'), 'r.io': auth('any'), 'r.io/team': auth('team') }),
    secret({ '*.example.com': auth('wild'), 'r.io:5000': { username: 'port', password: 'p' } }),
  ]
  const users = (repository: string) => credentialsFor(repository, secrets).map(({ username }) => username)
  assert.deepEqual(users('docker.io/library/busybox'), ['hub'])
  assert.deepEqual(users('r.io/team/app'), ['team', 'any'])
  assert.deepEqual(users('r.io/other'), ['any'])
  assert.deepEqual(users('r.io:5000/x'), ['port'])
  assert.deepEqual(users('a.example.com/x'), ['wild'])
  assert.deepEqual(users('a.b.example.com/x'), [])
  assert.deepEqual(credentialsFor('x.io/y', [{ ...secret({}), data: { '.dockerconfigjson': 'nonsense' } }]), [])
})

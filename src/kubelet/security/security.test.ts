import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, Pod } from '../../api/types.generated.ts'
import { verifyRunAsNonRoot } from './effective-context.ts'
import { containerSecurity } from './runtime-context.ts'

const container = (securityContext: Container['securityContext'] = {}): Container => ({
  name: 'c',
  resources: {},
  securityContext,
})
const pod = (securityContext: Pod['spec']['securityContext'] = {}, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u' },
  spec: { containers: [], securityContext, ...spec },
  status: {},
})
const options = { seccompRoot: '/seccomp', hiddenPaths: ['/sys/x'] }
const image = { uid: 7, username: '' }

test('who must not be root is not, and why is told in upstream’s words', () => {
  const verify = (of: Pod, one: Container, user: object) => () => verifyRunAsNonRoot(of, one, { username: '', ...user })
  const where = '(pod: "p_n(u)", container: c)'
  const must = pod({ runAsNonRoot: true })
  assert.throws(verify(must, container(), { uid: 0 }), {
    message: `container has runAsNonRoot and image will run as root ${where}`,
  })
  assert.throws(verify(must, container({ runAsUser: 0 }), {}), {
    message: `container's runAsUser breaks non-root policy ${where}`,
  })
  assert.throws(verify(must, container(), { username: 'web' }), {
    message: `container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root ${where}`,
  })
  verify(must, container({ runAsUser: 5 }), { uid: 0 })()
  verify(must, container({ runAsNonRoot: false }), { uid: 0 })()
  verify(must, container(), { uid: 5 })()
})

test('the container’s own wishes come before the pod’s and the image’s', () => {
  const security = containerSecurity(
    pod({ runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4] }),
    container({ runAsUser: 9 }),
    image,
    options,
  )
  assert.deepEqual([security.runAsUser, security.runAsGroup, security.supplementalGroups], [9, 2, [3, 4]])
  assert.equal(containerSecurity(pod(), container(), image, options).runAsUser, 7)
  assert.equal(containerSecurity(pod(), container(), { username: 'web' }, options).runAsUsername, 'web')
})

test('kernel paths are hidden unless the pod asks to see them', () => {
  assert.ok(containerSecurity(pod(), container(), image, options).maskedPaths!.includes('/sys/x'))
  assert.deepEqual(containerSecurity(pod(), container({ procMount: 'Unmasked' }), image, options).maskedPaths, [])
})

test('security.md, profiles: none is unconfined, a local one needs a name (CVE-2023-2431)', () => {
  const seccomp = (type: 'RuntimeDefault' | 'Localhost' | 'Unconfined', localhostProfile?: string) =>
    containerSecurity(pod({ seccompProfile: { type, localhostProfile } }), container(), image, options).seccomp
  assert.deepEqual(containerSecurity(pod(), container(), image, options).seccomp, { type: 'unconfined' })
  assert.deepEqual(seccomp('RuntimeDefault'), { type: 'runtimeDefault' })
  assert.deepEqual(seccomp('Localhost', 'a.json'), { type: 'localhost', localhostRef: '/seccomp/a.json' })
  assert.throws(() => seccomp('Localhost'), /localhostProfile must be set if seccompProfile type is Localhost/)
  assert.throws(() => seccomp('Localhost', ''), /localhostProfile must be set/)
  const apparmor = containerSecurity(
    pod({ appArmorProfile: { type: 'Localhost', localhostProfile: 'x' } }),
    container(),
    image,
    options,
  ).apparmor
  assert.deepEqual(apparmor, { type: 'localhost', localhostRef: 'x' })
})

test('namespaces are the host’s or the pod’s as the pod says', () => {
  const namespaces = (spec: Partial<Pod['spec']>) => {
    const { network, pid, ipc } = containerSecurity(pod({}, spec), container(), image, options).namespaces
    return [network, pid, ipc]
  }
  assert.deepEqual(namespaces({}), ['pod', 'container', 'pod'])
  assert.deepEqual(namespaces({ hostNetwork: true, hostPID: true, hostIPC: true }), ['node', 'node', 'node'])
  assert.deepEqual(namespaces({ shareProcessNamespace: true }), ['pod', 'pod', 'pod'])
})

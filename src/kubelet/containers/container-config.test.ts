import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../api/types.generated.ts'
import { containerConfig } from './container-config.ts'

const container = {
  name: 'main',
  image: 'app:1',
  command: ['sh', '-c', 'echo $(WHO) $(NOBODY) $$(WHO)'],
  args: ['$(WHO)'],
  resources: {},
}
const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod', namespace: 'default', uid: 'uid' },
  spec: { containers: [container] },
  status: {},
}
const config = (userMappings?: Parameters<typeof containerConfig>[0]['security']['userMappings']) =>
  containerConfig({
    pod,
    container,
    restartCount: 2,
    imageRef: 'sha256:1',
    imageUser: { uid: 0, username: '' },
    environment: new Map([['WHO', 'me']]),
    mounts: [{ containerPath: '/data', hostPath: '/pods/data', readonly: false, propagation: 'private' }],
    node: { memoryBytes: 2 ** 30, cgroupVersion: 2, hugepageSizes: [] },
    security: { seccompRoot: '/seccomp', hiddenPaths: [], userMappings },
  })

test('variables are put into the command and its arguments, unless they are unknown or escaped', () => {
  const { command, args, env, logPath, metadata } = config()
  assert.deepEqual(command, ['sh', '-c', 'echo me $(NOBODY) $(WHO)'])
  assert.deepEqual(args, ['me'])
  assert.deepEqual(env, [{ name: 'WHO', value: 'me' }])
  assert.deepEqual([logPath, metadata], ['main/2.log', { name: 'main', attempt: 2 }])
})

test('with user ids of its own, a pod’s files have the same owners inside and outside', () => {
  const ids = [{ hostId: 65_536, containerId: 0, length: 65_536 }]
  const { mounts, securityContext } = config({ uids: ids, gids: ids })
  assert.deepEqual(securityContext.namespaces.user, { mode: 'pod', uids: ids, gids: ids })
  assert.deepEqual([mounts[0]!.uidMappings, mounts[0]!.gidMappings], [ids, ids])
  assert.equal(config().securityContext.namespaces.user, undefined)
  assert.equal(config().mounts[0]!.uidMappings, undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planResolvConf } from './resolv-conf.ts'

test('a plain file serves the machines as well', () => {
  assert.equal(
    planResolvConf({ target: '/etc/resolv.conf', text: 'nameserver 192.0.2.1\n', systemd: undefined }),
    undefined,
  )
})

test('a file in /run is handed on, since machines have another /run', () => {
  const text = 'search x\nnameserver 192.0.2.1\n'
  const target = '/run/NetworkManager/resolv.conf'
  assert.deepEqual(planResolvConf({ target, text, systemd: undefined }), { target, text })
})

test('instead of a resolver on loopback machines ask whom systemd-resolved asks', () => {
  const target = '/run/systemd/resolve/stub-resolv.conf'
  assert.deepEqual(
    planResolvConf({
      target,
      text: 'nameserver 127.0.0.53\noptions edns0\nsearch lan\n',
      systemd: '# x\nnameserver 192.0.2.1\nnameserver 2001:db8::1\nsearch lan\n',
    }),
    { target, text: 'options edns0\nsearch lan\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n' },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../api/types.generated.ts'
import { isGlobalUnicast } from './global-unicast.ts'
import { chooseContainer } from './container-choice.ts'
import { forwardedHeaders } from './proxy-headers.ts'
import { rewriteHtml, rewriteUrl } from './rewrite-html.ts'
import { parseSchemeNamePort } from './scheme-name-port.ts'

test('a proxy target is name, name:port or scheme:name:port', () => {
  assert.deepEqual(parseSchemeNamePort('a'), { scheme: '', name: 'a', port: '' })
  assert.deepEqual(parseSchemeNamePort('a:80'), { scheme: '', name: 'a', port: '80' })
  assert.deepEqual(parseSchemeNamePort('https:a:'), { scheme: 'https', name: 'a', port: '' })
  for (const wrong of ['', 'ftp:a:1', ':80', 'http:a:1:2']) assert.equal(parseSchemeNamePort(wrong), undefined)
})

test('security.md, request forgery through proxy: loopback, link-local and metadata addresses are never dialled', () => {
  for (const address of [
    '127.0.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    '::',
    'fe80::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    'localhost',
    '',
  ]) {
    assert.equal(isGlobalUnicast(address), false, address)
  }
  for (const address of ['10.244.0.5', '192.168.1.1', '8.8.8.8', 'fd00::5'])
    assert.equal(isGlobalUnicast(address), true, address)
})

test('credentials and hop-by-hop headers of the caller do not reach a backend', () => {
  const headers = {
    authorization: 'Bearer secret',
    'impersonate-user': 'root',
    'x-remote-user': 'root',
    connection: 'close',
    accept: '*/*',
    'x-forwarded-for': '1.1.1.1',
    ':path': '/',
  }
  assert.deepEqual(forwardedHeaders(headers, '2.2.2.2'), { accept: '*/*', 'x-forwarded-for': '1.1.1.1, 2.2.2.2' })
})

test('links of a page lead through the proxy, but not those to elsewhere', () => {
  const context = { prefix: '/p/proxy', backendHost: '10.0.0.1:80', requestHost: 'api:6443' }
  assert.equal(
    rewriteHtml(`<a class=x href="/rewriteme">test</a><img src='pic.png'><p href="/x">`, context),
    `<a class=x href="/p/proxy/rewriteme">test</a><img src="pic.png"><p href="/x">`,
  )
  assert.equal(rewriteUrl('http://10.0.0.1:80/a?b#c', context), '/p/proxy/a?b#c')
  assert.equal(rewriteUrl('http://elsewhere/a', context), 'http://elsewhere/a')
  assert.equal(rewriteUrl('/p/proxy/a', context), '/p/proxy/a')
})

test('a container must be named when there are several', () => {
  const pod = {
    metadata: { name: 'p' },
    spec: { initContainers: [{ name: 'i' }], containers: [{ name: 'a' }, { name: 'b' }] },
  } as unknown as Pod
  assert.throws(() => chooseContainer(pod, ''), {
    message: 'a container name must be specified for pod p, choose one of: [i a b]',
  })
  assert.throws(() => chooseContainer(pod, 'c'), { message: 'container c is not valid for pod p' })
  assert.equal(chooseContainer(pod, 'i'), 'i')
})

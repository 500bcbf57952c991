import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceDefinition } from '../../api/definition.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { Query } from '../routing/query.ts'
import { connectOptions } from './connect-options.ts'

const optionsOf = (kind: string, text: string) =>
  connectOptions(pods as unknown as ResourceDefinition, kind, Query.parse(text))

test('admission sees the options of a connection with the types of their kind', () => {
  assert.deepEqual(optionsOf('PodExecOptions', 'command=ls&command=-l&stdin=true&tty=0&container=a&unknown=x'), {
    kind: 'PodExecOptions',
    apiVersion: 'v1',
    command: ['ls', '-l'],
    stdin: true,
    tty: false,
    container: 'a',
  })
  assert.deepEqual(optionsOf('PodPortForwardOptions', 'ports=80'), {
    kind: 'PodPortForwardOptions',
    apiVersion: 'v1',
    ports: [80],
  })
})

import { namespace } from '../objects.ts'
import type { Case } from './case.ts'

const terminating = { name: 'terminating', finalizers: ['example.com/hold'] }

/** What the objects of the cases lean on; controllers would make some of it, but none runs. */
const steps: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }],
  ['POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: terminating }],
  ['DELETE', '/api/v1/namespaces/terminating'],
  [
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts`,
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } },
  ],
]

export const setupCases: readonly Case[] = steps.map(([method, path, body]) => ({
  kind: 'setup',
  name: `${method} ${path}`,
  run: async (send) => [await send({ method, path, body })],
}))

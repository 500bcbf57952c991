import { customResourceDefinitions } from '../../api/apiextensions/v1/custom-resource-definition.ts'
import type { CustomResourceDefinition } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import { isReason } from '../../machinery/errors.ts'

const fieldManager = 'custom-resource-migrator-controller'
type Resource = { readonly group: string; readonly resource: string }

/**
 * What the definition of a custom resource says of its migration: the condition StorageMigrating, and, when nothing else
 * happened to it meanwhile, that only the present version is stored (pkg/controller/storageversionmigrator/migrationrunner.go).
 */
export async function tellDefinition(
  client: Client,
  resource: Resource,
  told: { readonly running: string } | { readonly succeeded: boolean },
  now: string,
): Promise<void> {
  const definition = await definitionOf(client, resource)
  if (definition === undefined) return
  const { name = '', resourceVersion, generation = 0 } = definition.metadata
  const before = definition.status?.conditions?.find(({ type }) => type === 'StorageMigrating')
  const settled = before?.observedGeneration === generation
  const condition =
    'running' in told
      ? { status: 'True', reason: 'MigrationRunning', message: `Migration ${told.running} is running` }
      : outcome(told.succeeded, settled)
  const stored = definition.spec.versions.find(({ storage }) => storage)?.name
  const patch = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, resourceVersion },
    status: {
      conditions: [{ type: 'StorageMigrating', lastTransitionTime: now, observedGeneration: generation, ...condition }],
      ...('succeeded' in told && settled && stored !== undefined ? { storedVersions: [stored] } : {}),
    },
  }
  await client.patch(customResourceDefinitions, { name }, 'apply', patch, {
    fieldManager,
    force: true,
    subresource: 'status',
  })
}

function outcome(succeeded: boolean, settled: boolean): { status: string; reason: string; message: string } {
  if (!succeeded) return { status: 'False', reason: 'MigrationFailed', message: 'The migration has failed' }
  const versions = settled
    ? ' and the stored versions have been updated'
    : ' but the stored versions have not been updated due to a generation mismatch'
  return { status: 'False', reason: 'MigrationSucceeded', message: `The migration has succeeded${versions}` }
}

async function definitionOf(client: Client, resource: Resource): Promise<CustomResourceDefinition | undefined> {
  try {
    return await client.get(customResourceDefinitions, { name: `${resource.resource}.${resource.group}` })
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

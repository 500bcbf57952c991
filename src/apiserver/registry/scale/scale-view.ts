import type { ResourceDefinition } from '../../../api/definition.ts'
import { schemaOfKind } from '../../../api/schema/facts.ts'
import { badRequest, conflict, internalError, invalid, notFound } from '../../../machinery/errors.ts'
import { fieldErrors, goQuote } from '../../../machinery/field-error.ts'
import { jsonClone, type Draft } from '../../../machinery/json.ts'
import { apiVersionOf, type KubeObject, type ManagedFieldsEntry } from '../../../machinery/meta/object.ts'
import { StoredObject } from '../../cache/stored-object.ts'
import { inVersion, toStorage, type Resource, type Target } from '../../handlers/resource.ts'
import type { Update } from '../registry.ts'
import { ScaleManagedFields } from './scale-managed-fields.ts'
import { scaleOf, type Scale, type ScaleRules } from './scale-of.ts'

/**
 * A workload seen as its Scale, so that GET, PUT and all patches of `/scale` are those of any object
 * (upstream: pkg/registry/apps/deployment/storage, ScaleREST).
 */
export function scaleTarget({ definition, registry }: Resource, rules: ScaleRules): Target {
  const scaleDefinition = scaleDefinitionFor(definition)
  const shown = (stored: StoredObject): StoredObject =>
    StoredObject.encode(
      stored.key,
      scaleOf(inVersion(definition, stored).object, rules),
      stored.revision,
      stored.createRevision,
    )
  return {
    definition: scaleDefinition,
    registry: {
      async get(namespace, name) {
        const stored = await registry.get(namespace, name)
        const unset = rules.custom?.unsetPath(inVersion(definition, stored).object)
        if (unset !== undefined) throw internalError(`the spec replicas field ${goQuote(unset)} does not exist`)
        return shown(stored)
      },
      async update(name, update, scope) {
        const { object } = await registry.update(name, parentUpdate(definition, rules, update, name), {
          ...scope,
          subresource: '',
        })
        return { object: shown(object), created: false }
      },
    },
  }
}

/** What the Scale of a custom resource that does not say how many shows to those who change it. */
const unsetReplicas = -(2 ** 31)

function parentUpdate(definition: ResourceDefinition, rules: ScaleRules, update: Update, name: string): Update {
  const asScale = (object: KubeObject) => scaleOf(object, rules) as KubeObject
  return {
    preconditions: update.preconditions,
    async make(existing) {
      const on = { group: definition.group, resource: `${definition.resource}/scale` }
      if (existing === undefined) throw notFound(on, name)
      const parent = jsonClone(inVersion(definition, existing).object) as Draft<KubeObject>
      const tracked = new ScaleManagedFields(
        parent.metadata.managedFields as ManagedFieldsEntry[] | undefined,
        apiVersionOf(definition),
        rules.replicasPath,
      )
      const old = scaleOf(parent as KubeObject, rules)
      const unset = rules.custom?.unsetPath(parent as KubeObject)
      const withFields = {
        ...old,
        ...(unset !== undefined && { spec: { replicas: unsetReplicas } }),
        metadata: { ...old.metadata, managedFields: tracked.toScale() },
      }
      const { revision, createRevision, key } = existing
      const scale = (await update.make(StoredObject.encode(key, withFields, revision, createRevision))) as Draft<Scale>
      const replicas = scale.spec?.replicas ?? 0
      if (unset !== undefined && replicas === unsetReplicas)
        throw badRequest(`the spec replicas field ${goQuote(unset)} cannot be empty`)
      if (replicas < 0 && rules.custom === undefined) {
        const error = fieldErrors.invalid('spec.replicas', replicas, 'must be greater than or equal to 0')
        throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [error])
      }
      const { uid, resourceVersion, managedFields } = scale.metadata
      if (uid && uid !== parent.metadata.uid) {
        const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${parent.metadata.uid}`
        throw conflict(on, name, why)
      }
      rules.setReplicas(parent, replicas)
      // A scale without a version is of any, also where its parent may not be written so.
      parent.metadata.resourceVersion = resourceVersion || parent.metadata.resourceVersion
      const entries = tracked.toParent(managedFields as ManagedFieldsEntry[] | undefined)
      if (entries === undefined) delete parent.metadata.managedFields
      else parent.metadata.managedFields = entries as Draft<ManagedFieldsEntry[]>
      return toStorage(definition, parent as KubeObject) as Draft<KubeObject>
    },
    validateCreate: () => {},
    validateUpdate: (object, old) => update.validateUpdate(asScale(object), asScale(old)),
  }
}

const unnamedScale = 'no kind is registered for the type v1.Scale in scheme "pkg/runtime/scheme.go:111"'

function scaleDefinitionFor(definition: ResourceDefinition): ResourceDefinition {
  return {
    ...definition,
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    listKind: 'ScaleList',
    schema: schemaOfKind('autoscaling', 'v1', 'Scale')!,
    storageVersion: 'autoscaling/v1',
    subresources: [],
    // Its scheme for custom resources does not know how to name a Scale.
    rules: definition.protobuf ? {} : { unreadable: unnamedScale },
    protobuf: true,
  }
}

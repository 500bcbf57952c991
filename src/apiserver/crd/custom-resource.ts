import { compareVersions } from '../discovery/groups.ts'
import type { KindRules, ResourceDefinition, SubresourceDefinition, Verb } from '../../api/definition.ts'
import { definitionNamed } from '../../api/schema/facts.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/types.generated.ts'
import { ApiError, forbidden } from '../../machinery/errors.ts'
import { jsonClone, jsonEqual, type Draft, type JsonObject } from '../../machinery/json.ts'
import { findAll } from '../../machinery/jsonpath/evaluate.ts'
import { parsePath } from '../../machinery/jsonpath/parse.ts'
import { apiVersionOf, type KubeObject } from '../../machinery/meta/object.ts'
import { applyDefaults, dropNulls } from '../../machinery/schema/structural/default-values.ts'
import { coerceEmbeddedObjects } from '../../machinery/schema/structural/embedded-objects.ts'
import { prune } from '../../machinery/schema/structural/prune.ts'
import { structuralSchema } from '../../machinery/schema/structural/structural.ts'
import type { JsonSchema } from '../../machinery/schema/values/json-schema.ts'
import { customColumns, textOf } from './custom-columns.ts'
import type { RuleMetrics } from './rule-metrics.ts'
import { customForm, type ConvertRemotely } from './custom-form.ts'
import { type CustomObject, customValidation } from './custom-validation.ts'

const verbs: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
const partVerbs: readonly Verb[] = ['get', 'patch', 'update']

const objectMeta = definitionNamed('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')!

/** The kinds that a CustomResourceDefinition declares: one for each version that is served (apiextensions pkg/registry/customresource). */
export function customKinds(
  crd: CustomResourceDefinition,
  convert: ConvertRemotely = noWebhook,
  isTerminating: () => boolean = () => false,
  metrics?: RuleMetrics,
): ResourceDefinition[] {
  return crd.spec.versions
    .filter(({ served }) => served)
    .map((version) => customKind(crd, version, convert, isTerminating, metrics))
}

const noWebhook: ConvertRemotely = async () => {
  throw new ApiError({ code: 500, message: 'conversion webhooks cannot be asked' })
}

function customKind(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  convert: ConvertRemotely,
  isTerminating: () => boolean,
  metrics: RuleMetrics | undefined,
): ResourceDefinition {
  const { group, scope } = crd.spec
  const names = crd.status?.acceptedNames?.plural ? crd.status.acceptedNames : crd.spec.names
  const storage = crd.spec.versions.find((one) => one.storage) ?? version
  const schema = (version.schema?.openAPIV3Schema ?? {}) as JsonSchema
  return {
    group,
    version: version.name,
    kind: names.kind,
    resource: names.plural,
    namespaced: scope === 'Namespaced',
    listKind: names.listKind || `${names.kind}List`,
    singular: names.singular || names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    schema: structuralSchema(schema, objectMeta),
    subresources: subresourcesOf(group, version, names.kind),
    storageVersion: apiVersionOf({ group, version: storage.name }),
    storagePrefix: `${group}/${names.plural}`,
    rules: { ...rulesOf(crd, version, schema, isTerminating, metrics), storedForm: customForm(crd, version, convert) },
    protobuf: false,
    ...(version.deprecated && {
      deprecation: version.deprecationWarning ?? deprecationOf(crd, version.name),
    }),
    openApi: {
      schema:
        crd.spec.preserveUnknownFields === true
          ? undefined
          : (version.schema?.openAPIV3Schema as JsonObject | undefined),
      selectableFields: version.selectableFields?.map(({ jsonPath }) => jsonPath),
    },
  }
}

/** With the best version to use instead (apiextensions pkg/apiserver/customresource_handler.go). */
function deprecationOf({ spec: { group, names, versions } }: CustomResourceDefinition, deprecated: string): string {
  const better = versions
    .filter(({ name, served, deprecated: old }) => served && !old && compareVersions(name, deprecated) < 0)
    .map(({ name }) => name)
    .sort(compareVersions)[0]
  const text = `${group}/${deprecated} ${names.kind} is deprecated`
  return better === undefined ? text : `${text}; use ${group}/${better} ${names.kind}`
}

function subresourcesOf(
  group: string,
  version: CustomResourceDefinitionVersion,
  kind: string,
): SubresourceDefinition[] {
  const subresources: SubresourceDefinition[] = []
  if (version.subresources?.status)
    subresources.push({ name: 'status', group, version: version.name, kind, verbs: partVerbs })
  if (version.subresources?.scale)
    subresources.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: partVerbs })
  return subresources
}

function rulesOf(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  schema: JsonSchema,
  isTerminating: () => boolean,
  metrics: RuleMetrics | undefined,
): KindRules {
  const hasStatus = version.subresources?.status !== undefined
  const fields = (version.selectableFields ?? []).map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ''),
    steps: parsePath(jsonPath),
  }))
  const validation = customValidation(crd, version, schema, metrics)
  return {
    ...(crd.spec.preserveUnknownFields === true
      ? {}
      : {
          prune: (draft) => {
            const unknown = [...prune(draft, schema), ...coerceEmbeddedObjects(draft, schema, objectMeta)].toSorted()
            dropNulls(draft, schema)
            return unknown
          },
        }),
    setDefaults: (draft) => applyDefaults(draft as unknown as Record<string, unknown>, schema),
    prepareForCreate(draft) {
      if (isTerminating())
        throw forbidden(
          { group: crd.spec.group, resource: crd.spec.names.plural },
          draft.metadata.name ?? '',
          'create not allowed while custom resource definition is terminating',
        )
      if (hasStatus) delete (draft as Draft<CustomObject>)['status']
      draft.metadata.generation = 1
    },
    prepareForUpdate(draft, old) {
      if (hasStatus) keepStatus(draft as Draft<CustomObject>, old as CustomObject)
      const changed = !jsonEqual({ ...draft, metadata: undefined }, { ...old, metadata: undefined })
      draft.metadata.generation = (old.metadata.generation ?? 0) + (changed ? 1 : 0)
    },
    checksMetadata: true,
    repeatsFaults: true,
    validate: (object) => validation.validate(object),
    validateUpdate: (object, old) => validation.validate(object, old),
    columns: customColumns(version),
    selectableFieldNames: fields.map(({ name }) => name),
    selectableFields: (object) =>
      Object.fromEntries(fields.map(({ name, steps }) => [name, textOf(findAll(steps, object)[0])])),
    scale: version.subresources?.scale,
    generation: false,
    statusOnCreate: true,
    returnsDeletedObject: false,
    resetFields: hasStatus ? [['status']] : [],
    warnings: validation.warnings,
    subresources: hasStatus
      ? {
          status: {
            prepareForUpdate: keepAllButStatus,
            validateUpdate: (object, old) => validation.validateStatus(object, old),
            resetFields: [['metadata'], ['spec']],
          },
        }
      : {},
  }
}

function keepStatus(draft: Draft<CustomObject>, old: CustomObject): void {
  if (old['status'] === undefined) delete draft['status']
  else (draft as Record<string, unknown>)['status'] = jsonClone(old['status'])
}

/** Through /status nothing but the status changes; managedFields tell who changed it. */
function keepAllButStatus(draft: Draft<KubeObject>, old: KubeObject): void {
  const target = draft as Draft<CustomObject>
  const { status } = target
  const { managedFields, resourceVersion } = target.metadata
  for (const member of Object.keys(target)) delete (target as Record<string, unknown>)[member]
  Object.assign(target, jsonClone(old), { metadata: { ...jsonClone(old.metadata) } })
  if (managedFields === undefined) delete target.metadata.managedFields
  else target.metadata.managedFields = managedFields
  if (resourceVersion !== undefined) target.metadata.resourceVersion = resourceVersion
  if (status === undefined) delete target['status']
  else target['status'] = status
}

import { nameColumn, timeSince } from '../../api/columns.ts'
import type { Column, KindRules, ResourceDefinition, SubresourceDefinition, Verb } from '../../api/definition.ts'
import { definitionNamed } from '../../api/schema/facts.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/types.generated.ts'
import { ApiError, forbidden } from '../../machinery/errors.ts'
import { fieldErrors, type FieldError } from '../../machinery/field-error.ts'
import { jsonClone, jsonEqual, type Draft, type JsonObject } from '../../machinery/json.ts'
import { findAll } from '../../machinery/jsonpath/evaluate.ts'
import { parsePath } from '../../machinery/jsonpath/parse.ts'
import { apiVersionOf, type KubeObject } from '../../machinery/meta/object.ts'
import { applyDefaults } from '../../machinery/schema/structural/default-values.ts'
import { checkListTypes } from '../../machinery/schema/structural/list-types.ts'
import { prune } from '../../machinery/schema/structural/prune.ts'
import { structuralSchema } from '../../machinery/schema/structural/structural.ts'
import type { JsonSchema } from '../../machinery/schema/values/json-schema.ts'
import { validateValue } from '../../machinery/schema/values/validate-value.ts'
import { schemaRules } from './schema-rules.ts'
import { customForm, type ConvertRemotely } from './custom-form.ts'

const verbs: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
const partVerbs: readonly Verb[] = ['get', 'patch', 'update']

const objectMeta = definitionNamed('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')!

/** A custom resource has members that only its schema knows. */
type CustomObject = KubeObject & { readonly [member: string]: unknown }

/** The kinds that a CustomResourceDefinition declares: one for each version that is served (apiextensions pkg/registry/customresource). */
export function customKinds(
  crd: CustomResourceDefinition,
  convert: ConvertRemotely = noWebhook,
  isTerminating: () => boolean = () => false,
): ResourceDefinition[] {
  return crd.spec.versions
    .filter(({ served }) => served)
    .map((version) => customKind(crd, version, convert, isTerminating))
}

const noWebhook: ConvertRemotely = async () => {
  throw new ApiError({ code: 500, message: 'conversion webhooks cannot be asked' })
}

function customKind(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  convert: ConvertRemotely,
  isTerminating: () => boolean,
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
    rules: { ...rulesOf(crd, version, schema, isTerminating), storedForm: customForm(crd, version, convert) },
    protobuf: false,
    openApi: {
      schema:
        crd.spec.preserveUnknownFields === true
          ? undefined
          : (version.schema?.openAPIV3Schema as JsonObject | undefined),
      selectableFields: version.selectableFields?.map(({ jsonPath }) => jsonPath),
    },
  }
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
): KindRules {
  const hasStatus = version.subresources?.status !== undefined
  const fields = (version.selectableFields ?? []).map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ''),
    steps: parsePath(jsonPath),
  }))
  const rules = schemaRules(schema)
  const validate = (object: KubeObject, old?: KubeObject): FieldError[] => {
    const errors = [
      ...validateTypeMeta(object, crd, version),
      ...ratcheted(validateValue(schema, object), object, old),
      ...validateScale(object as CustomObject, version),
      ...(old !== undefined && checkListTypes(old, schema).length > 0 ? [] : checkListTypes(object, schema)),
    ]
    return [...errors, ...rules.validate(object, old, errors)]
  }
  return {
    ...(crd.spec.preserveUnknownFields === true ? {} : { prune: (draft) => prune(draft, schema) }),
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
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validate(object, old),
    columns: columnsOf(version),
    selectableFieldNames: fields.map(({ name }) => name),
    selectableFields: (object) =>
      Object.fromEntries(fields.map(({ name, steps }) => [name, textOf(findAll(steps, object)[0])])),
    scale: version.subresources?.scale,
    generation: false,
    statusOnCreate: true,
    returnsDeletedObject: false,
    resetFields: hasStatus ? [['status']] : [],
    warnings: (object) => [
      ...(version.deprecated
        ? [
            version.deprecationWarning ??
              `${apiVersionOf({ group: crd.spec.group, version: version.name })} ${crd.spec.names.kind} is deprecated`,
          ]
        : []),
      ...rules.warnings(object),
    ],
    subresources: hasStatus
      ? {
          status: {
            prepareForUpdate: keepAllButStatus,
            validateUpdate: (object, old) => validate(object, old),
            resetFields: [['metadata'], ['spec']],
          },
        }
      : {},
  }
}

function validateTypeMeta(
  object: KubeObject,
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): FieldError[] {
  const apiVersion = apiVersionOf({ group: crd.spec.group, version: version.name })
  const errors: FieldError[] = []
  if (object.kind !== crd.spec.names.kind)
    errors.push(fieldErrors.invalid('kind', object.kind, `must be ${crd.spec.names.kind}`))
  if (object.apiVersion !== apiVersion)
    errors.push(fieldErrors.invalid('apiVersion', object.apiVersion, `must be ${apiVersion}`))
  return errors
}

/** Faults of values that an update leaves as they were are forgiven (KEP-4008 CRD validation ratcheting). */
function ratcheted(errors: FieldError[], object: KubeObject, old: KubeObject | undefined): FieldError[] {
  if (old === undefined || errors.length === 0) return errors
  return errors.filter((error) => {
    if (error.field === '<nil>' || error.type === 'FieldValueRequired')
      return !jsonEqual({ ...object, metadata: undefined }, { ...old, metadata: undefined })
    const steps = pathOfField(error.field)
    const [now] = findAll(steps, object)
    const [before] = findAll(steps, old)
    return now === undefined || before === undefined || !jsonEqual(now, before)
  })
}

function pathOfField(field: string): ReturnType<typeof parsePath> {
  return field
    .split(/\.|(?=\[)/)
    .filter(Boolean)
    .map((part) =>
      /^\[\d+\]$/.test(part) ? { type: 'index', index: Number(part.slice(1, -1)) } : { type: 'field', name: part },
    )
}

const maxInt32 = 2 ** 31 - 1

function validateScale(object: CustomObject, version: CustomResourceDefinitionVersion): FieldError[] {
  const scale = version.subresources?.scale
  if (scale === undefined) return []
  return [scale.specReplicasPath, scale.statusReplicasPath].flatMap((path) => {
    const replicas = findAll(parsePath(path), object)[0] ?? 0
    if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
      const accessor = path.replace(/^\./, '')
      return [
        fieldErrors.invalid(
          path,
          0,
          `.${accessor} accessor error: ${JSON.stringify(replicas)} is of the type ${goTypeOf(replicas)}, expected int64`,
        ),
      ]
    }
    if (replicas < 0) return [fieldErrors.invalid(path, replicas, 'should be a non-negative integer')]
    return replicas > maxInt32
      ? [fieldErrors.invalid(path, replicas, `should be less than or equal to ${maxInt32}`)]
      : []
  })
}

function goTypeOf(value: unknown): string {
  if (typeof value === 'number') return 'float64'
  if (Array.isArray(value)) return '[]interface {}'
  return value !== null && typeof value === 'object'
    ? 'map[string]interface {}'
    : typeof value === 'boolean'
      ? 'bool'
      : 'string'
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

function columnsOf(version: CustomResourceDefinitionVersion): readonly Column[] {
  const columns = version.additionalPrinterColumns ?? [
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since the object was created.',
      priority: 0,
      format: undefined,
    },
  ]
  return [
    nameColumn,
    ...columns.map((column): Column => {
      const steps = parsePath(column.jsonPath)
      return {
        name: column.name,
        type: column.type as Column['type'],
        format: column.format,
        priority: column.priority ?? 0,
        description: column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
        cell: (object, now) => cellOf(column.type, findAll(steps, object)[0], now),
      }
    }),
  ]
}

/** apiextensions pkg/registry/customresource/tableconvertor cellForJSONValue. */
function cellOf(type: string, value: unknown, now: number): unknown {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'string':
      return textOf(value)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : timeSince(value, now)
    default:
      return null
  }
}

function textOf(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

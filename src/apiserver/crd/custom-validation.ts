import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/types.generated.ts'
import { goQuote, fieldErrors, type FieldError } from '../../machinery/field-error.ts'
import { goTypeOf } from '../../machinery/go-print.ts'
import { isObject } from '../../machinery/json.ts'
import { apiVersionOf, type KubeObject } from '../../machinery/meta/object.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../../machinery/validation/object-meta.ts'
import { nameChecks } from '../../machinery/validation/object-name.ts'
import { checkEmbeddedObjects } from '../../machinery/schema/structural/embedded-objects.ts'
import { checkListTypes } from '../../machinery/schema/structural/list-types.ts'
import { Correlated } from '../../machinery/schema/values/correlated.ts'
import type { JsonSchema } from '../../machinery/schema/values/json-schema.ts'
import { validateValue } from '../../machinery/schema/values/validate-value.ts'
import { labelKey } from '../../machinery/validation/label-names.ts'
import type { RuleMetrics } from './rule-metrics.ts'
import { schemaRules } from './schema-rules.ts'

/** A custom resource has members that only its schema knows. */
export type CustomObject = KubeObject & { readonly [member: string]: unknown }

/** How objects of one version of a custom kind are validated. */
export interface CustomValidation {
  validate(object: KubeObject, old?: KubeObject): FieldError[]
  /** Through /status. */
  validateStatus(object: KubeObject, old: KubeObject): FieldError[]
  warnings(object: KubeObject, old: KubeObject | undefined): string[]
}

/** apiextensions pkg/registry/customresource/{strategy,status_strategy,validator}.go. */
export function customValidation(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  schema: JsonSchema,
  metrics?: RuleMetrics,
): CustomValidation {
  const rules = schemaRules(schema, metrics)
  /** Lists that were wrong before the update may stay so. */
  const listTypes = (object: KubeObject, old: KubeObject | undefined) =>
    old !== undefined && checkListTypes(old, schema).length > 0 ? [] : checkListTypes(object, schema)
  return {
    validate(object, old) {
      const typeErrors = validateTypeMeta(object, crd, version)
      const before = old && new Correlated(object, old, schema)
      const errors =
        typeErrors.length > 0
          ? typeErrors
          : [
              ...metadataFaults(object, old, crd),
              ...(before !== undefined && metrics !== undefined
                ? metrics.ratchet(() => validateValue(schema, object, '', before))
                : validateValue(schema, object, '', before)),
              ...validateSpecScale(object as CustomObject, version),
              ...validateStatusScale(object as CustomObject, version),
            ]
      errors.push(...checkEmbeddedObjects(object, schema), ...listTypes(object, old))
      return [...errors, ...rules.validate(object, old, errors)]
    },
    validateStatus(object, old) {
      const errors = validateTypeMeta(object, crd, version)
      if (errors.length === 0) {
        errors.push(...metadataFaults(object, old, crd))
        const { status } = object as CustomObject
        const before = new Correlated(object, old, schema).member('status')
        const ofStatus = schema.properties?.['status']
        if (status !== undefined && ofStatus !== undefined)
          errors.push(...validateValue(ofStatus, status, 'status', before))
        errors.push(...validateStatusScale(object as CustomObject, version))
      }
      errors.push(...listTypes(object, old))
      return [...errors, ...rules.validate(object, old, errors)]
    },
    warnings: (object, old) => [...finalizerWarnings(object, old), ...rules.warnings(object)],
  }
}

/** Beside what the registry asks of every object: so a fault of metadata, too, keeps rules from being asked. */
function metadataFaults(
  object: KubeObject,
  old: KubeObject | undefined,
  { spec }: CustomResourceDefinition,
): FieldError[] {
  if (old !== undefined) return validateObjectMetaUpdate(object.metadata, old.metadata)
  const namespaced = spec.scope === 'Namespaced'
  return validateObjectMeta(object.metadata, { namespaced, nameCheck: nameChecks.dns1123Subdomain })
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

const maxInt32 = 2 ** 31 - 1

/** What lies at a path of members, and the text where that is no such path. */
function valueAt(object: CustomObject, path: string): { readonly value?: unknown; readonly fault?: string } {
  let value: unknown = object
  for (const name of path.replace(/^\./, '').split('.')) {
    if (value === undefined) return {}
    if (!isObject(value)) return { fault: accessorError(path, value, 'map[string]interface{}') }
    value = Object.hasOwn(value, name) ? value[name] : undefined
  }
  return { value }
}

function validateReplicas(object: CustomObject, path: string): FieldError[] {
  const { value: replicas = 0, fault } = valueAt(object, path)
  if (fault !== undefined) return [fieldErrors.invalid(path, 0, fault)]
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    return [fieldErrors.invalid(path, 0, accessorError(path, replicas, 'int64'))]
  if (replicas < 0) return [fieldErrors.invalid(path, replicas, 'should be a non-negative integer')]
  return replicas > maxInt32 ? [fieldErrors.invalid(path, replicas, `should be less than or equal to ${maxInt32}`)] : []
}

function accessorError(path: string, value: unknown, expected: string): string {
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  return `.${path.replace(/^\./, '')} accessor error: ${shown} is of the type ${goTypeOf(value)}, expected ${expected}`
}

function validateSpecScale(object: CustomObject, { subresources }: CustomResourceDefinitionVersion): FieldError[] {
  const scale = subresources?.scale
  return scale === undefined ? [] : validateReplicas(object, scale.specReplicasPath)
}

function validateStatusScale(object: CustomObject, { subresources }: CustomResourceDefinitionVersion): FieldError[] {
  const scale = subresources?.scale
  if (scale === undefined) return []
  const errors = validateReplicas(object, scale.statusReplicasPath)
  const { labelSelectorPath } = scale
  if (!labelSelectorPath) return errors
  const { value: selector = '', fault } = valueAt(object, labelSelectorPath)
  if (fault !== undefined) errors.push(fieldErrors.invalid(labelSelectorPath, '', fault))
  else if (typeof selector !== 'string')
    errors.push(fieldErrors.invalid(labelSelectorPath, '', accessorError(labelSelectorPath, selector, 'string')))
  return errors
}

const standardFinalizers: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

function finalizerWarnings({ metadata }: KubeObject, old: KubeObject | undefined): string[] {
  const known = new Set(old?.metadata.finalizers)
  const added = [...new Set(metadata.finalizers)].filter((name) => !known.has(name)).toSorted()
  return added.flatMap((name) => {
    const about = `metadata.finalizers: ${goQuote(name)}: `
    const warnings = labelKey(name).map((fault) => about + fault)
    if (!name.includes('/') && !standardFinalizers.has(name)) {
      const path = name.includes('.') ? ' including a path (/)' : ''
      const advice = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`
      warnings.push(about + advice)
    }
    return warnings
  })
}

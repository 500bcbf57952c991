import type { StoredForm } from '../../api/definition.ts'
import { definitionNamed } from '../../api/schema/facts.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/types.generated.ts'
import { jsonClone, jsonEqual } from '../../machinery/json.ts'
import { apiVersionOf, type KubeObject } from '../../machinery/meta/object.ts'
import { applyDefaults, dropNulls } from '../../machinery/schema/structural/default-values.ts'
import { structuralSchema } from '../../machinery/schema/structural/structural.ts'
import { prune } from '../../machinery/schema/structural/prune.ts'
import type { JsonSchema } from '../../machinery/schema/values/json-schema.ts'

const objectMeta = definitionNamed('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')!

/** Asks the webhook of a definition for these objects, none of which is in that version already. Throws ApiError. */
export type ConvertRemotely = (
  crd: CustomResourceDefinition,
  apiVersion: string,
  objects: readonly KubeObject[],
) => Promise<readonly KubeObject[]>

/**
 * How objects of one version of a custom resource are read and written: pruned and defaulted by the schema of the version
 * that lies in the store, converted, pruned by the schema of the other version (apiextensions
 * pkg/apiserver/customresource_handler.go, crdConversionRESTOptionsGetter).
 */
export function customForm(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  convert: ConvertRemotely,
): StoredForm {
  const { group, versions, conversion, preserveUnknownFields } = crd.spec
  const own = apiVersionOf({ group, version: version.name })
  const stored = apiVersionOf({ group, version: (versions.find(({ storage }) => storage) ?? version).name })
  const schemas = new Map(
    versions.map(({ name, schema }) => [
      apiVersionOf({ group, version: name }),
      (schema?.openAPIV3Schema ?? {}) as JsonSchema,
    ]),
  )
  const remote = conversion?.strategy === 'Webhook'

  function pruned(draft: KubeObject): KubeObject {
    const schema = schemas.get(draft.apiVersion)
    if (preserveUnknownFields !== true && schema) prune(draft as unknown as Record<string, unknown>, schema)
    return draft
  }
  /** What an object lacks that was stored before its schema knew of it, and has that its schema does not know any more. */
  function mended(object: KubeObject): KubeObject {
    const draft = jsonClone(object) as unknown as Record<string, unknown>
    pruned(draft as unknown as KubeObject)
    dropNulls(draft, schemas.get(object.apiVersion))
    applyDefaults(draft, schemas.get(object.apiVersion) ?? {})
    const { metadata } = draft as { metadata: { generation?: number } }
    metadata.generation ||= 1
    return jsonEqual(draft, object) ? object : (draft as unknown as KubeObject)
  }
  const moved = (object: KubeObject, apiVersion: string): KubeObject =>
    pruned({ ...(jsonClone(object) as unknown as KubeObject), apiVersion })
  async function converted(apiVersion: string, objects: readonly KubeObject[]): Promise<KubeObject[]> {
    const made = await convert(crd, apiVersion, objects)
    return made.map((object) => pruned(jsonClone(object) as unknown as KubeObject))
  }
  return {
    inVersion(object, apiVersion) {
      const schema = schemas.get(apiVersion)
      if (schema === undefined || (remote && object.apiVersion !== apiVersion)) return undefined
      return {
        object: object.apiVersion === apiVersion ? object : moved(object, apiVersion),
        schema: structuralSchema(schema, objectMeta),
      }
    },
    read(object) {
      const whole = mended(object)
      if (object.apiVersion === own) return whole
      return remote ? undefined : moved(whole, own)
    },
    readAll: (objects) => converted(own, objects.map(mended)),
    write(object) {
      if (own === stored) return object
      return remote ? converted(stored, [object]).then(([made]) => made!) : moved(object, stored)
    },
  }
}

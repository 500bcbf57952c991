import { factsOf, ofFacts, type KindName } from './define-kind.ts'
import type { KindRules, ResourceDefinition } from './definition.ts'
import { apiVersionOf, type KubeObject } from '../machinery/meta/object.ts'
import { declaredValidation } from './schema/declared-rules.ts'
import declared from './schema/optional-declared-rules.generated.json' with { type: 'json' }

/** What is different in another version of a kind. */
export interface VersionConversion {
  /** Where its objects have another shape; apiVersion need not be set. Default: they differ by that alone. */
  toHub?(object: KubeObject): KubeObject
  fromHub?(object: KubeObject): KubeObject
  /** Default: the hub's, on the version's own shape. */
  setDefaults?: KindRules['setDefaults']
  readonly allowUnconditionalUpdate?: boolean
}

/**
 * Declares another version of a kind, whose objects become those of `hub` before rules see them, and are stored as that
 * one says.
 */
export function defineVersion(
  kind: KindName,
  hub: ResourceDefinition,
  conversion: VersionConversion = {},
): ResourceDefinition {
  const facts = factsOf(kind)
  const { group, version } = facts
  const [own, hubVersion] = [apiVersionOf(facts), apiVersionOf(hub)]
  const { toHub = (object) => object, fromHub = (object) => object } = conversion
  const asHub = (object: KubeObject): KubeObject => ({ ...toHub(object), apiVersion: hubVersion })
  const asOwn = (object: KubeObject): KubeObject => ({ ...fromHub(object), apiVersion: own })
  const { storedForm, columns, selectableFields, setDefaults, ...rules } = hub.rules
  const ownRules = declaredValidation(declared, group, version, facts.kind)?.rules
  return ofFacts(facts, hubVersion, {
    ...rules,
    returnsDeletedObject: facts.returnsDeleted === true,
    allowUnconditionalUpdate: conversion.allowUnconditionalUpdate ?? rules.allowUnconditionalUpdate,
    setDefaults: conversion.setDefaults ?? setDefaults,
    conversion: { toStorage: asHub, fromStorage: (stored) => asOwn(storedForm?.read(stored) ?? stored) },
    ...(ownRules && {
      declaredFaults: (object, old, { enabled }) => ownRules(asOwn(object), old && asOwn(old), enabled),
    }),
    ...(columns && {
      columns: columns.map((column) => ({ ...column, cell: (object, now) => column.cell(asHub(object), now) })),
    }),
    ...(selectableFields && { selectableFields: (object) => selectableFields(asHub(object)) }),
  })
}

import type { StoredForm } from '../../definition.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { schemaOfKind } from '../../schema/facts.ts'
import type {
  CustomResourceConversion,
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  WebhookClientConfig,
} from '../../types.generated.ts'

const v1 = 'apiextensions.k8s.io/v1'
const v1beta1 = 'apiextensions.k8s.io/v1beta1'

type Shared = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields'
type OldColumn = { readonly jsonPath?: string; readonly JSONPath?: string }
type OldVersion = Pick<CustomResourceDefinitionVersion, 'name' | 'served' | 'storage'> &
  Partial<Record<Shared, unknown>> & { readonly additionalPrinterColumns?: readonly OldColumn[] }
interface OldSpec {
  readonly version?: string
  readonly versions?: readonly OldVersion[]
  readonly validation?: unknown
  readonly subresources?: unknown
  readonly additionalPrinterColumns?: readonly OldColumn[]
  readonly selectableFields?: unknown
  readonly conversion?: {
    readonly strategy: string
    readonly webhookClientConfig?: WebhookClientConfig
    readonly conversionReviewVersions?: readonly string[]
  }
  readonly preserveUnknownFields?: boolean
}

/**
 * kube-apiserver keeps definitions as v1beta1 to this day (apiextensions-apiserver pkg/cmd/server/options), so that is what
 * a store shared with it holds. What all versions have in common stands once, beside them (pkg/apis/apiextensions
 * v1/conversion.go).
 */
export const storedDefinition: StoredForm = {
  read: (stored) => (stored.apiVersion === v1 ? stored : fromV1beta1(stored)),
  readAll: async (stored) => stored.map(fromV1beta1),
  write: (object) => toV1beta1(object as CustomResourceDefinition),
  inVersion(object, apiVersion) {
    if (apiVersion !== v1) return undefined
    return { object: storedDefinition.read(object)!, schema: schemaOfKind('apiextensions.k8s.io', 'v1', object.kind)! }
  },
}

/** Where a member of each version stands when it stands once. */
const sharedMembers: Readonly<Record<Shared, keyof OldSpec>> = {
  schema: 'validation',
  subresources: 'subresources',
  additionalPrinterColumns: 'additionalPrinterColumns',
  selectableFields: 'selectableFields',
}
const shared = Object.keys(sharedMembers) as readonly Shared[]

function toV1beta1(object: CustomResourceDefinition): KubeObject {
  const { group, names, scope, versions = [], conversion, preserveUnknownFields } = object.spec
  const [first] = versions
  const common = shared.filter((member) => versions.every((one) => sameOrAbsent(one[member], first?.[member])))
  const once = (member: Shared) => (common.includes(member) ? toOld(member, present(first?.[member])) : undefined)
  const spec = given({
    group,
    version: first?.name,
    names,
    scope,
    validation: once('schema'),
    subresources: once('subresources'),
    versions: versions.map((version) =>
      given({
        ...withoutMembers(version, common),
        ...(!common.includes('additionalPrinterColumns') && {
          additionalPrinterColumns: toOld('additionalPrinterColumns', version.additionalPrinterColumns),
        }),
      }),
    ),
    additionalPrinterColumns: once('additionalPrinterColumns'),
    selectableFields: once('selectableFields'),
    conversion:
      conversion &&
      given({
        strategy: conversion.strategy,
        webhookClientConfig: conversion.webhook?.clientConfig,
        conversionReviewVersions: conversion.webhook?.conversionReviewVersions,
      }),
    preserveUnknownFields: preserveUnknownFields ?? false,
  })
  return { ...object, apiVersion: v1beta1, spec } as KubeObject
}

function fromV1beta1(stored: KubeObject): KubeObject {
  const { spec, status, ...rest } = stored as KubeObject & {
    readonly spec: OldSpec & Record<string, unknown>
    readonly status?: unknown
  }
  const { version, versions, conversion, preserveUnknownFields } = spec
  const listed = versions?.length ? versions : version ? [{ name: version, served: true, storage: true }] : []
  const common = Object.fromEntries(
    shared.flatMap((member) => {
      const value = spec[sharedMembers[member]]
      return isAbsent(value) ? [] : [[member, toNew(member, value)]]
    }),
  )
  return {
    ...rest,
    apiVersion: v1,
    spec: {
      group: spec['group'],
      names: spec['names'],
      scope: spec['scope'],
      versions: listed.map((one: OldVersion) => ({
        ...one,
        ...(one.additionalPrinterColumns && {
          additionalPrinterColumns: toNew('additionalPrinterColumns', one.additionalPrinterColumns),
        }),
        ...common,
      })),
      ...(conversion && { conversion: conversionFrom(conversion) }),
      ...(preserveUnknownFields !== false && { preserveUnknownFields: true }),
    },
    ...(status !== undefined && { status }),
  } as KubeObject
}

function conversionFrom(old: NonNullable<OldSpec['conversion']>): CustomResourceConversion {
  const { strategy, webhookClientConfig, conversionReviewVersions } = old
  if (webhookClientConfig === undefined && conversionReviewVersions === undefined) return { strategy }
  return {
    strategy,
    webhook: {
      ...(webhookClientConfig && { clientConfig: webhookClientConfig }),
      conversionReviewVersions: conversionReviewVersions ?? [],
    },
  } as CustomResourceConversion
}

/** Columns alone are spelled in another way. */
function toOld(member: Shared, value: unknown): unknown {
  if (member !== 'additionalPrinterColumns') return value
  return (value as readonly OldColumn[] | undefined)?.map(({ jsonPath, ...column }) => ({
    ...column,
    JSONPath: jsonPath,
  }))
}
function toNew(member: Shared, value: unknown): unknown {
  if (member !== 'additionalPrinterColumns') return value
  return (value as readonly OldColumn[]).map(({ JSONPath, ...column }) => ({ ...column, jsonPath: JSONPath }))
}

/** As Go's semantic equality has it: an empty list is none. */
function isAbsent(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0)
}
function present(value: unknown): unknown {
  return isAbsent(value) ? undefined : value
}
function given(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}
function withoutMembers(version: CustomResourceDefinitionVersion, members: readonly string[]): object {
  return Object.fromEntries(Object.entries(version).filter(([member]) => !members.includes(member)))
}
function sameOrAbsent(left: unknown, right: unknown): boolean {
  return (isAbsent(left) && isAbsent(right)) || jsonEqual(left, right)
}

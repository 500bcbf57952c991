import type { ConfigKind } from '../options/config-file.ts'
import {
  anything,
  duration,
  integer,
  list,
  object,
  optional,
  string,
  type ValueOf,
  withDefault,
} from '../options/config-shape.ts'

const keys = object({ keys: list(object({ name: string, secret: string })) })
const provider = object({
  aesgcm: optional(keys),
  aescbc: optional(keys),
  secretbox: optional(keys),
  identity: optional(anything),
  kms: optional(
    object({
      apiVersion: withDefault(string, 'v1'),
      name: string,
      cachesize: optional(integer),
      endpoint: string,
      timeout: withDefault(duration, 3000),
    }),
  ),
})
const encryptionConfiguration = object({
  resources: list(object({ resources: list(string), providers: list(provider) })),
})

/** How objects lie encrypted in the store (apiserver pkg/apis/apiserver EncryptionConfiguration). */
export type EncryptionConfiguration = ValueOf<typeof encryptionConfiguration>
export type ProviderConfiguration = EncryptionConfiguration['resources'][number]['providers'][number]
export type KmsConfiguration = NonNullable<ProviderConfiguration['kms']>

/** The file of --encryption-provider-config. */
export const encryptionConfigurationKind: ConfigKind<EncryptionConfiguration> = {
  apiVersions: ['apiserver.config.k8s.io/v1'],
  kind: 'EncryptionConfiguration',
  shape: encryptionConfiguration,
}

/** `secrets`, `deployments.apps`, `*.apps`, `*.` (the core group), `*.*`. */
export function groupAndResource(text: string): { readonly group: string; readonly resource: string } {
  const dot = text.indexOf('.')
  return dot < 0 ? { group: '', resource: text } : { group: text.slice(dot + 1), resource: text.slice(0, dot) }
}

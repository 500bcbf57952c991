import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineOptionalKind } from '../../define-optional-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { StorageVersion } from '../../types.generated.ts'
import { storageVersionName, validateStorageVersion } from './validation.ts'

const shown = 3

function versionsCell({ status }: StorageVersion): string {
  const versions = status?.storageVersions ?? []
  const text = versions
    .slice(0, shown)
    .map(({ apiServerID, encodingVersion }) => `${apiServerID}=${encodingVersion}`)
    .join(',')
  return versions.length > shown ? `${text} + ${versions.length - shown} more...` : text || '<unset>'
}

export const storageVersions = defineOptionalKind<StorageVersion>(
  { group: 'internal.apiserver.k8s.io', version: 'v1alpha1', kind: 'StorageVersion' },
  {
    nameRule: (name) => storageVersionName(name),
    generation: false,
    validate: validateStorageVersion,
    columns: [
      nameColumn,
      column('CommonEncodingVersion', 'string', ({ status }) => status?.commonEncodingVersion ?? '<unset>'),
      column('StorageVersions', 'string', versionsCell),
      ageColumn,
    ],
    subresources: { status: { ...statusWithoutMetadata, validateUpdate: validateStorageVersion } },
  },
)

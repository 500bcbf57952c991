import type { AdmissionAttributes } from './plugin.ts'

const optionsKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: '' } as const

/** The options of the request as an object with a kind; null: it takes none. */
export function reviewOptions({ operation, options }: AdmissionAttributes): Record<string, unknown> | null {
  const kind = optionsKinds[operation]
  // Applying with force is a matter of patches, which become creations and updates before they are admitted.
  const { force: _, ...rest } = options
  return kind === '' ? null : { kind, apiVersion: 'meta.k8s.io/v1', ...meaningful(rest) }
}

/** Options without what is empty. */
function meaningful(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([, value]) =>
        value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  )
}

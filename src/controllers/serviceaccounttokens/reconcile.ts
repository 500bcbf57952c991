import type { Secret } from '../../api/types.generated.ts'

export const tokenType = 'kubernetes.io/service-account-token'
export const nameAnnotation = 'kubernetes.io/service-account.name'
export const uidAnnotation = 'kubernetes.io/service-account.uid'

/** What the Secret lacks of the data that it should have. */
export function missingData(
  { data = {} }: Pick<Secret, 'data'>,
  rootCa: string | undefined,
): { readonly ca: boolean; readonly namespace: boolean; readonly token: boolean } {
  return { ca: Boolean(rootCa) && data['ca.crt'] !== base64(rootCa!), namespace: !data.namespace, token: !data.token }
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** The account that the Secret is of, as its annotations say it. */
export function accountOf({ metadata }: Secret): { readonly name: string; readonly uid: string } {
  return { name: metadata.annotations?.[nameAnnotation] ?? '', uid: metadata.annotations?.[uidAnnotation] ?? '' }
}

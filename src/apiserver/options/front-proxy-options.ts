import type { ServerOptionValues } from './server-options.ts'

/** How proxies say for whom they ask, and which may (apiserver pkg/server/options/authentication.go). As the user gave them. */
export interface FrontProxyOptions {
  /** Who signs their certificates; undefined: this cluster's own front proxy authority. */
  readonly authorityFile?: string
  /** Common names; none: all. */
  readonly allowedNames: readonly string[]
  readonly usernameHeaders: readonly string[]
  readonly uidHeaders: readonly string[]
  readonly groupHeaders: readonly string[]
  readonly extraPrefixes: readonly string[]
}

export const frontProxyName = 'front-proxy-client'

/** As kubeadm passes them; so they are where no other authority was given. */
export const usualFrontProxy: FrontProxyOptions = {
  allowedNames: [frontProxyName],
  usernameHeaders: ['X-Remote-User'],
  uidHeaders: ['X-Remote-Uid'],
  groupHeaders: ['X-Remote-Group'],
  extraPrefixes: ['X-Remote-Extra-'],
}

/** Throws an Error in upstream's words. */
export function frontProxyOptions(values: ServerOptionValues): FrontProxyOptions {
  const read = <Name extends keyof ServerOptionValues>(name: Name & `requestheader-${string}`): readonly string[] => {
    const given = (values[name] as readonly string[] | undefined) ?? []
    if (given.some((value) => value.trim() === '')) throw new Error(`empty value in "${name}"`)
    return given
  }
  const authorityFile = values['requestheader-client-ca-file'] || undefined
  const given = {
    usernameHeaders: read('requestheader-username-headers'),
    groupHeaders: read('requestheader-group-headers'),
    extraPrefixes: read('requestheader-extra-headers-prefix'),
    allowedNames: read('requestheader-allowed-names'),
    uidHeaders: read('requestheader-uid-headers'),
  }
  if (given.uidHeaders.length > 0 && !given.uidHeaders.some((name) => name.toLowerCase() === 'x-remote-uid'))
    throw new Error(
      '--requestheader-uid-headers is set without specifying the standard X-Remote-Uid header - API aggregation will not work',
    )
  // With an authority of others, what was not given is nothing, as upstream has it.
  if (authorityFile !== undefined) return { authorityFile, ...given }
  const or = (list: readonly string[], usual: readonly string[]) => (list.length > 0 ? list : usual)
  return {
    allowedNames: or(given.allowedNames, usualFrontProxy.allowedNames),
    usernameHeaders: or(given.usernameHeaders, usualFrontProxy.usernameHeaders),
    uidHeaders: or(given.uidHeaders, usualFrontProxy.uidHeaders),
    groupHeaders: or(given.groupHeaders, usualFrontProxy.groupHeaders),
    extraPrefixes: or(given.extraPrefixes, usualFrontProxy.extraPrefixes),
  }
}

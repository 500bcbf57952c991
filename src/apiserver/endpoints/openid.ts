import type { ServiceAccountKeys } from '../pki/service-account-keys.ts'
import { onlyRead, type PathRouter } from '../routing/path-router.ts'
import {
  type DiscoveryDocument,
  jsonWebKeySet,
  jwksPath,
  openidConfiguration,
  openidConfigurationPath,
} from '../tokens/openid-discovery.ts'
import type { RawAnswer } from '../answer.ts'

/** Serves what others need to verify service-account tokens. `origin`: where this server is found, `https://host:port`. */
export function addOpenid(
  paths: PathRouter,
  options: {
    readonly issuer: string
    readonly keys: Promise<ServiceAccountKeys>
    readonly origin: () => string
    /** Where the keys are found, when not here. */
    readonly jwksUri?: string
  },
): void {
  const { issuer, keys, origin, jwksUri } = options
  paths.add(
    openidConfigurationPath,
    onlyRead(async () => answer(openidConfiguration(issuer, jwksUri ?? `${origin()}${jwksPath}`, await keys))),
  )
  paths.add(
    jwksPath,
    onlyRead(async () => answer(jsonWebKeySet(await keys))),
  )
}

function answer({ contentType, cacheControl, body }: DiscoveryDocument): RawAnswer {
  return { type: 'raw', code: 200, contentType, headers: { 'cache-control': cacheControl }, body }
}

import { servingOptions } from '../serving/serving-options.ts'
import { tokenSettings } from '../tokens/token-settings.ts'
import { enabledKinds } from './enabled-kinds.ts'
import { frontProxyOptions } from './front-proxy-options.ts'
import { loadProtocolOptions } from './protocol-options.ts'
import type { ServerOptionValues } from './server-options.ts'
import { checkStorageType } from './storage-type.ts'
import { checkVersions } from './versions.ts'

/** Throws what is wrong with options, as far as no file tells it, in upstream's words; before anything is begun. */
export async function checkServerOptions(values: ServerOptionValues): Promise<void> {
  checkVersions(values)
  checkStorageType(values)
  await loadProtocolOptions(values)
  servingOptions(values)
  frontProxyOptions(values)
  tokenSettings(values)
  await enabledKinds(values)
  if (values['encryption-provider-config-automatic-reload'] === true && !values['encryption-provider-config'])
    throw new Error('--encryption-provider-config-automatic-reload must be set with --encryption-provider-config')
}

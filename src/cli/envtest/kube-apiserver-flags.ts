import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { GivenFiles } from '../../cluster/settings.ts'
import {
  booleanFlag,
  type Flag,
  type FlagValues,
  listFlag,
  numberFlag,
  stringFlag,
  UsageError,
} from '../command/flags.ts'

const group = 'Flags by which kube-apiserver is told where it is and whom it trusts'
const grouped = <V>(flag: Flag<V>): Flag<V> => ({ ...flag, group })
const file = (summary: string) => grouped(stringFlag(summary, { placeholder: 'FILE' }))

/**
 * What others than Skiff pass to an API server that they start, envtest above all, under kube-apiserver's names and with its
 * meaning (cmd/kube-apiserver/app/options).
 */
export const kubeApiserverFlags = {
  'secure-port': grouped(numberFlag('Where it listens; the same as --port.', { default: 0, min: 1 })),
  'etcd-servers': grouped(
    listFlag('The etcd that keeps the objects, unless --store says otherwise.', { placeholder: 'URL' }),
  ),
  'cert-dir': grouped(
    stringFlag('Where apiserver.crt and apiserver.key may be; the same as --data-dir when that is not given.', {
      placeholder: 'DIR',
    }),
  ),
  'tls-cert-file': file('The certificate that it shows.'),
  'tls-private-key-file': file('The key of that certificate.'),
  'client-ca-file': file('Who else signs certificates of clients.'),
  'service-account-signing-key-file': file('The key that signs tokens of service accounts.'),
  'service-account-key-file': grouped(
    listFlag('Keys or certificates by which such tokens are verified (usually that key).', { placeholder: 'FILE' }),
  ),
  'allow-privileged': grouped(booleanFlag('Allow privileged containers; always so.', { default: true })),
}

export interface UpstreamChoices {
  readonly port?: number
  readonly store?: string
  readonly dataDir?: string
  readonly given: GivenFiles
}

/** What these flags ask for; throws UsageError for what contradicts itself or is not done here. */
export function upstreamChoices(
  flags: FlagValues<typeof kubeApiserverFlags>,
  given: ReadonlySet<string>,
): UpstreamChoices {
  if (!flags['allow-privileged'])
    throw new UsageError('--allow-privileged=false is not done here: forbid privileged pods with Pod Security labels')
  const etcd = flags['etcd-servers']
  return {
    port: given.has('secure-port') ? flags['secure-port'] : undefined,
    store: etcd.length > 0 ? `etcd=${etcd.join(',')}` : undefined,
    dataDir: flags['cert-dir'] || undefined,
    given: {
      serving: serving(flags),
      clientAuthorityFile: flags['client-ca-file'] || undefined,
      serviceAccounts: serviceAccounts(flags),
    },
  }
}

function serving(flags: FlagValues<typeof kubeApiserverFlags>): GivenFiles['serving'] {
  const [certificateFile, privateKeyFile] = [flags['tls-cert-file'], flags['tls-private-key-file']]
  if ((certificateFile === '') !== (privateKeyFile === ''))
    throw new UsageError('--tls-cert-file and --tls-private-key-file go together: give both')
  if (certificateFile !== '') return { certificateFile, privateKeyFile }
  const folder = flags['cert-dir']
  const own = { certificateFile: join(folder, 'apiserver.crt'), privateKeyFile: join(folder, 'apiserver.key') }
  return folder !== '' && existsSync(own.certificateFile) && existsSync(own.privateKeyFile) ? own : undefined
}

function serviceAccounts(flags: FlagValues<typeof kubeApiserverFlags>): GivenFiles['serviceAccounts'] {
  const signingKeyFile = flags['service-account-signing-key-file']
  const keyFiles = flags['service-account-key-file']
  if (signingKeyFile !== '') return { signingKeyFile, keyFiles }
  if (keyFiles.length === 0) return undefined
  throw new UsageError('--service-account-key-file needs --service-account-signing-key-file, the key that signs')
}

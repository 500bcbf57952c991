import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { EtcdSettings, GivenFiles } from '../../cluster/settings.ts'
import {
  booleanFlag,
  type Flag,
  type FlagValues,
  listFlag,
  numberFlag,
  stringFlag,
  UsageError,
} from '../command/flags.ts'
import { goBool, goInt, goUint } from '../command/go-values.ts'

const group = 'Flags by which kube-apiserver is told where it is and whom it trusts'
const grouped = <V>(flag: Flag<V>): Flag<V> => ({ ...flag, group })
const file = (summary: string) => grouped(stringFlag(summary, { placeholder: 'FILE' }))

/**
 * What others than Skiff pass to an API server that they start, envtest above all, under kube-apiserver's names and with its
 * meaning (cmd/kube-apiserver/app/options).
 */
export const kubeApiserverFlags = {
  'secure-port': grouped({
    ...numberFlag('Where it listens; the same as --port.', { default: 0 }),
    parse: goInt,
  } as Flag<number>),
  'etcd-servers': grouped(
    listFlag('The etcd that keeps the objects, unless --store says otherwise.', { placeholder: 'URL' }),
  ),
  'etcd-prefix': grouped(
    stringFlag('What the keys of objects begin with there (usually /registry).', { placeholder: 'PREFIX' }),
  ),
  'etcd-cafile': file("Who signs etcd's certificate."),
  'etcd-certfile': file('By which certificate etcd knows this server.'),
  'etcd-keyfile': file('The key of that certificate.'),
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
  v: grouped({
    ...numberFlag('How much is logged: from 4 on everything, as with --verbose.', { default: 0 }),
    parse: goUint,
  } as Flag<number>),
  'allow-privileged': grouped({
    ...booleanFlag('Allow privileged containers; always so.', { default: true }),
    parse: goBool,
  } as Flag<boolean>),
}

export interface UpstreamChoices {
  readonly port?: number
  readonly store?: string
  /** How that etcd is spoken to. */
  readonly etcd: Pick<EtcdSettings, 'tls' | 'root'>
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
  if (given.has('secure-port') && (flags['secure-port'] < 1 || flags['secure-port'] > 65535))
    throw new UsageError(
      `--secure-port ${flags['secure-port']} must be between 1 and 65535, inclusive. It cannot be turned off with 0`,
    )
  return {
    port: given.has('secure-port') ? flags['secure-port'] : undefined,
    store: etcd.length > 0 ? `etcd=${etcd.join(',')}` : undefined,
    dataDir: flags['cert-dir'] || undefined,
    etcd: etcdChoices(flags),
    given: {
      serving: serving(flags),
      clientAuthorityFile: flags['client-ca-file'] || undefined,
      serviceAccounts: serviceAccounts(flags),
    },
  }
}

function etcdChoices(flags: FlagValues<typeof kubeApiserverFlags>): UpstreamChoices['etcd'] {
  const [ca, cert, key] = [flags['etcd-cafile'], flags['etcd-certfile'], flags['etcd-keyfile']].map(
    (path) => path || undefined,
  )
  const prefix = flags['etcd-prefix'].replace(/^\/*|\/+$/g, '')
  return {
    tls: (ca ?? cert ?? key) ? { ca, cert, key } : undefined,
    root: prefix === '' ? undefined : `/${prefix}`,
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

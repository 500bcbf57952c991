import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { Clock } from '../../machinery/clock.ts'
import { alternativeNamesOf } from '../../machinery/x509/alternative-names.ts'
import { joiningGroup } from '../bootstrap/joining-policy.ts'
import { type Authority, loadAuthority } from './authority.ts'
import { type GivenFiles, givenServiceAccountKeys, givenServing } from './given-files.ts'
import { type IssuedCertificate, loadIssuedCertificate } from './issued-certificate.ts'
import { readFileIfThere, writePrivateFile } from './key-file.ts'
import { loadServiceAccountKeys, type ServiceAccountKeys } from './service-account-keys.ts'

/**
 * The cluster's keys and certificates in one folder, laid out as kubeadm does (`ca.crt`, `front-proxy-ca.crt`,
 * `sa.key`, `apiserver.crt`, …). What is missing is made, what is there is kept, what nears its end is renewed; all
 * files are readable by their owner only. Synchronous and a few milliseconds, except for the RSA key.
 */
export interface Pki {
  readonly folder: string
  /** Signs client and serving certificates; clients trust it and the API server trusts its clients. */
  readonly clusterAuthority: Authority
  /** Whose clients the API server believes beside the cluster's own, see createTrust. */
  readonly clientAuthorityFile: string | undefined
  /** Whether others made the API server's certificate. */
  readonly servingGiven: boolean
  /** Signs the certificate that the aggregation layer shows to extension API servers. */
  readonly frontProxyAuthority: Authority
  readonly serviceAccountKeys: Promise<ServiceAccountKeys>
  /** 32 bytes, for secrets at rest. */
  readonly encryptionKey: Buffer
  /** The API server's own certificate; `hosts` are names and addresses, see {@link apiServerHosts}. */
  apiServer(hosts: readonly string[]): IssuedCertificate
  /** A certificate by which its holder is `user` in `groups`. `name` is that of the files. */
  client(name: string, user: string, groups?: readonly string[]): IssuedCertificate
  /** system:masters: authorization does not bind its holder. */
  admin(): IssuedCertificate
  /**
   * By which a node that has no certificate asks for one, and may do nothing else, like kubeadm's bootstrap tokens. `node`
   * tells in whose hands it is.
   */
  nodeBootstrap(node: string): IssuedCertificate
  /** The identity of a node's kubelet: system:node:NAME in system:nodes. */
  kubelet(node: string): IssuedCertificate
  /** The certificate with which a kubelet serves its own API. */
  kubeletServing(node: string, hosts: readonly string[]): IssuedCertificate
  /** The certificate with which the API server asks kubelets; a default binding gives it system:kubelet-api-admin. */
  apiServerKubeletClient(): IssuedCertificate
  frontProxyClient(): IssuedCertificate
}

export function createPki(options: {
  readonly folder: string
  readonly clock: Clock
  /** What others made and is used instead. */
  readonly given?: GivenFiles
}): Pki {
  const { folder, clock, given = {} } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const serviceAccountKeys = given.serviceAccounts
    ? Promise.resolve(givenServiceAccountKeys(given.serviceAccounts))
    : loadServiceAccountKeys(folder)
  // Whoever needs the keys awaits them and sees the error; until then it must not count as unhandled.
  serviceAccountKeys.catch(() => {})
  const clusterAuthority = loadAuthority({ base: `${folder}/ca`, commonName: 'kubernetes', clock })
  const frontProxyAuthority = loadAuthority({ base: `${folder}/front-proxy-ca`, commonName: 'front-proxy-ca', clock })

  const client = (name: string, user: string, groups: readonly string[] = []) =>
    loadIssuedCertificate(
      `${folder}/${name}`,
      clusterAuthority,
      { subject: { commonName: user, organizations: groups }, usage: ['clientAuth'] },
      clock,
    )
  const serving = (name: string, commonName: string, organizations: readonly string[], hosts: readonly string[]) =>
    loadIssuedCertificate(
      `${folder}/${name}`,
      clusterAuthority,
      {
        subject: { commonName, organizations },
        usage: ['serverAuth'],
        alternativeNames: alternativeNamesOf([...new Set(hosts)].sort()),
      },
      clock,
    )
  return {
    folder,
    clusterAuthority,
    clientAuthorityFile: given.clientAuthorityFile,
    servingGiven: given.serving !== undefined,
    frontProxyAuthority,
    serviceAccountKeys,
    encryptionKey: loadEncryptionKey(`${folder}/encryption.key`),
    client,
    apiServer: (hosts) =>
      given.serving ? givenServing(given.serving) : serving('apiserver', 'kube-apiserver', [], hosts),
    admin: () => client('admin', 'kubernetes-admin', ['system:masters']),
    nodeBootstrap: (node) => client(`bootstrap-${node}`, `system:bootstrap:${node}`, [joiningGroup]),
    kubelet: (node) => client(`kubelet-${node}`, `system:node:${node}`, ['system:nodes']),
    kubeletServing: (node, hosts) => serving(`kubelet-${node}-serving`, `system:node:${node}`, ['system:nodes'], hosts),
    apiServerKubeletClient: () => client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client'),
    frontProxyClient: () =>
      loadIssuedCertificate(
        `${folder}/front-proxy-client`,
        frontProxyAuthority,
        { subject: { commonName: 'front-proxy-client' }, usage: ['clientAuth'] },
        clock,
      ),
  }
}

function loadEncryptionKey(path: string): Buffer {
  const stored = readFileIfThere(path)
  if (stored !== undefined) {
    const key = Buffer.from(stored.trim(), 'base64')
    if (key.length !== 32)
      throw new Error(`${path} must hold 32 bytes as base64: restore it, secrets cannot be read without it`)
    return key
  }
  const key = randomBytes(32)
  writePrivateFile(path, `${key.toString('base64')}\n`)
  return key
}

/** The names under which pods and people reach the API server (kubeadm app/util/pkiutil GetAPIServerAltNames). */
export function apiServerHosts(options: {
  readonly clusterDomain: string
  /** The first address of the service range. */
  readonly serviceAddress: string
  /** Names and addresses of the machine. */
  readonly hosts: readonly string[]
}): string[] {
  const { clusterDomain, serviceAddress, hosts } = options
  return [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${clusterDomain}`,
    'localhost',
    serviceAddress,
    '127.0.0.1',
    '::1',
    ...hosts,
  ]
}

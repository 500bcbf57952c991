import { resolve } from 'node:path'
import { namedCertificate } from '../serving/named-certificate.ts'
import { portRange } from './port-range.ts'

/**
 * What of the control plane a user may set: kube-apiserver's flags about access, and one of kube-controller-manager's, under
 * their names and with their meaning. Flags, help,
 * completion and the settings of a cluster are derived from this table. There is none that switches authorization off.
 */
export interface ServerOption {
  readonly type: 'file' | 'text' | 'number' | 'float' | 'boolean' | 'list' | 'duration'
  readonly summary: string
  readonly placeholder?: string
  /** The values that are taken. */
  readonly values?: readonly string[]
  /** Reads one value where the type alone does not say how; throws an Error in upstream's words. */
  readonly parse?: (text: string) => unknown
  /** Which values the shell offers, of those that are taken. */
  readonly complete?: readonly string[]
  /** Seldom needed: not in the help, but in the pages of docs/ on access, audit and configuration. */
  readonly rare?: boolean
}

const file = (summary: string) => ({ type: 'file', summary, placeholder: 'FILE' }) as const
const text = (summary: string, placeholder?: string) => ({ type: 'text', summary, placeholder }) as const
const number = (summary: string) => ({ type: 'number', summary }) as const
const float = (summary: string) => ({ type: 'float', summary, placeholder: 'N' }) as const
const boolean = (summary: string) => ({ type: 'boolean', summary }) as const
const list = (summary: string, placeholder: string) => ({ type: 'list', summary, placeholder }) as const
const duration = (summary: string) => ({ type: 'duration', summary }) as const
const rare = <const O extends ServerOption>(option: O) => ({ ...option, rare: true }) as const

const modes = ['batch', 'blocking', 'blocking-strict']
const auditVersion = {
  type: 'text',
  summary: 'The version of the events that are told (always audit.k8s.io/v1).',
  values: ['audit.k8s.io/v1'],
  rare: true,
} as const

/** Of both backends of audit. */
const backendOptions = {
  'audit-log-batch-buffer-size': rare(number('How many events may wait for the log, in mode batch (usually 10000).')),
  'audit-log-batch-max-size': rare(number('How many events are written at once, in mode batch (usually 1).')),
  'audit-log-batch-max-wait': rare(
    duration('After what time what is there is written, in mode batch (usually at once).'),
  ),
  'audit-log-batch-throttle-enable': rare(boolean('Limit how often the log is written, in mode batch.')),
  'audit-log-batch-throttle-qps': rare(float('How many batches a second are written (usually 10).')),
  'audit-log-batch-throttle-burst': rare(number('How many batches may be written at once (usually 15).')),
  'audit-log-truncate-enabled': rare(boolean('Shorten events that are too large for the log.')),
  'audit-log-truncate-max-event-size': rare(
    number('Bytes of an event in the log, when it is shortened (usually 102400).'),
  ),
  'audit-log-truncate-max-batch-size': rare(
    number('Bytes that are written at once, when events are shortened (usually 10485760).'),
  ),
  'audit-log-version': auditVersion,
  'audit-webhook-mode': {
    type: 'text',
    summary: 'Whether requests wait for the audit webhook, and fail with it (usually batch).',
    values: modes,
  },
  'audit-webhook-batch-buffer-size': rare(number('How many events may wait for the webhook (usually 10000).')),
  'audit-webhook-batch-max-size': rare(number('How many events the webhook gets at once (usually 400).')),
  'audit-webhook-batch-max-wait': rare(duration('After what time the webhook gets what is there (usually 30s).')),
  'audit-webhook-batch-throttle-enable': rare(boolean('Limit how often the webhook is called (usually true).')),
  'audit-webhook-batch-throttle-qps': rare(float('How many batches a second the webhook gets (usually 10).')),
  'audit-webhook-batch-throttle-burst': rare(number('How many batches the webhook may get at once (usually 15).')),
  'audit-webhook-initial-backoff': rare(duration('How long to wait before the webhook is tried again (usually 10s).')),
  'audit-webhook-truncate-enabled': rare(boolean('Shorten events that are too large for the webhook.')),
  'audit-webhook-truncate-max-event-size': rare(
    number('Bytes of an event to the webhook, when it is shortened (usually 102400).'),
  ),
  'audit-webhook-truncate-max-batch-size': rare(
    number('Bytes of a batch to the webhook, when it is shortened (usually 10485760).'),
  ),
  'audit-webhook-version': auditVersion,
} as const

export const serverOptions = {
  'runtime-config': list(
    'Which versions of the API are served: api/beta=true, GROUP/VERSION=false, GROUP/VERSION/RESOURCE=true and the like (usually stable ones).',
    'NAME=BOOL',
  ),
  'feature-gates': list('Features of Kubernetes to turn on or off, by their names there.', 'NAME=BOOL'),
  'audit-policy-file': file('Which requests are told of, and how much of them: a Policy of audit.k8s.io/v1.'),
  'audit-log-path': {
    type: 'file',
    summary: 'Where the audit log is written; - is standard output.',
    placeholder: 'FILE|-',
  },
  'audit-log-maxage': number('For how many days old audit logs are kept; 0: for ever (usually 366).'),
  'audit-log-maxbackup': number('How many old audit logs are kept; 0: all (usually 100).'),
  'audit-log-maxsize': number('From how many megabytes on the audit log is put aside; 0: never (usually 100).'),
  'audit-log-compress': boolean('Gzip old audit logs.'),
  'audit-log-mode': {
    type: 'text',
    summary: 'Whether requests wait for the audit log, and fail with it (usually blocking).',
    values: modes,
  },
  'audit-log-format': {
    type: 'text',
    summary: 'How events stand in the audit log: an object, or words, one event a line (usually json).',
    values: ['json', 'legacy'],
  },
  'audit-webhook-config-file': file('Who is sent the audit events: a kubeconfig.'),
  ...backendOptions,
  'authentication-config': file(
    'Who is believed: an AuthenticationConfiguration of apiserver.config.k8s.io/v1. Read again when it changes.',
  ),
  'authentication-token-webhook-config-file': file('Who is asked about bearer tokens: a kubeconfig.'),
  'authentication-token-webhook-version': {
    type: 'text',
    summary: 'The version of TokenReview that the webhook speaks (usually v1beta1).',
    values: ['v1', 'v1beta1'],
  },
  'authentication-token-webhook-cache-ttl': duration("For how long the webhook's answers hold (usually 2m)."),
  'anonymous-auth': boolean('Serve requests without credentials, as system:anonymous (usually true).'),
  'oidc-issuer-url': text('Whose OpenID Connect tokens are believed.', 'URL'),
  'oidc-client-id': text('For whom such a token must be meant.', 'ID'),
  'oidc-ca-file': file("Who signs the issuer's certificate (usually those that the system trusts)."),
  'oidc-username-claim': text('Which claim is the name of the user (usually sub).', 'CLAIM'),
  'oidc-username-prefix': text(
    'What comes before that name (usually the issuer and #, but for email nothing; - is nothing).',
    'PREFIX',
  ),
  'oidc-groups-claim': text('Which claim is the groups of the user.', 'CLAIM'),
  'oidc-groups-prefix': text('What comes before the name of each group.', 'PREFIX'),
  'oidc-signing-algs': list('How such a token may be signed (usually RS256).', 'ALG'),
  'oidc-required-claim': list('What such a token must say.', 'CLAIM=VALUE'),
  'token-auth-file': file('Fixed tokens: lines of token, user, uid and groups. Read when the server starts.'),
  'api-audiences': list('Whom tokens of service accounts for this server name (usually its issuers).', 'NAME'),
  'service-account-issuer': list(
    'Whose the tokens of service accounts are; the first signs, those of all are believed (usually https://kubernetes.default.svc.cluster.local).',
    'URL',
  ),
  'service-account-jwks-uri': text('Where others find the keys of these tokens (usually at this server).', 'URL'),
  'service-account-max-token-expiration': duration('For how long at most such a token holds.'),
  'service-account-extend-token-expiration': boolean('Only warn when tokens of pods have expired (usually true).'),
  'default-not-ready-toleration-seconds': rare(number('How long pods stay on a node that is not ready (usually 300).')),
  'default-unreachable-toleration-seconds': rare(
    number('How long pods stay on a node that is not reached (usually 300).'),
  ),
  'authorization-config': file(
    'Who decides what is allowed, in order: an AuthorizationConfiguration of apiserver.config.k8s.io/v1. Read again when it changes.',
  ),
  'authorization-mode': list(
    'Who decides what is allowed, in order: Node, RBAC, ABAC, Webhook, AlwaysDeny (usually Node,RBAC).',
    'MODE',
  ),
  'authorization-policy-file': file('What the mode ABAC allows: a Policy a line.'),
  'authorization-webhook-config-file': file('Whom the mode Webhook asks: a kubeconfig.'),
  'authorization-webhook-version': {
    type: 'text',
    summary: 'The version of SubjectAccessReview that this webhook speaks (usually v1beta1).',
    values: ['v1', 'v1beta1'],
    rare: true,
  },
  'authorization-webhook-cache-authorized-ttl': rare(duration('For how long its leave holds (usually 5m).')),
  'authorization-webhook-cache-unauthorized-ttl': rare(duration('For how long its refusal holds (usually 30s).')),
  'admission-control-config-file': file(
    'How admission plugins are to work: an AdmissionConfiguration of apiserver.config.k8s.io/v1.',
  ),
  'enable-admission-plugins': list('Admission plugins to use beside the usual ones.', 'PLUGIN'),
  'disable-admission-plugins': list('Admission plugins not to use.', 'PLUGIN'),
  'cluster-signing-duration': duration(
    'For how long at most the certificates hold that requests are answered with (usually 8760h).',
  ),
  'encryption-provider-config': file(
    'How objects are encrypted in the store: an EncryptionConfiguration of apiserver.config.k8s.io/v1.',
  ),
  'encryption-provider-config-automatic-reload': boolean('Read that file again when it changes.'),
  'tracing-config-file': file(
    'Which requests are traced, and where spans are sent: a TracingConfiguration of apiserver.config.k8s.io/v1.',
  ),
  'cors-allowed-origins': list(
    'Which origins scripts may come from: regular expressions, e.g. //example\\.com(:|$).',
    'PATTERN',
  ),
  'strict-transport-security-directives': rare(
    list('What browsers are told of TLS, e.g. max-age=31536000.', 'DIRECTIVE'),
  ),
  'goaway-chance': rare(float('How probable it is that a request ends its connection, 0 to 0.02 (usually 0).')),
  'http2-max-streams-per-connection': rare(number('How many requests one connection takes at once (usually 1000).')),
  'enable-priority-and-fairness': boolean(
    'Let no one’s flood of requests keep others from being served (usually true); otherwise the two limits below refuse what is too much.',
  ),
  'max-requests-inflight': number('How many reads are served at once (usually 400).'),
  'max-mutating-requests-inflight': number('How many writes are served at once beside them (usually 200).'),
  'request-timeout': duration('How long a request may take that has an end of its own (usually 60s).'),
  'min-request-timeout': rare(number('How many seconds a watch lasts at least that does not say (usually 1800).')),
  'etcd-compaction-interval': rare(duration('How much history is kept at least; 0: all of it (usually 5m).')),
  'shutdown-delay-duration': rare(
    duration('How long a server that was told to stop serves on, though not ready any more (usually 0s).'),
  ),
  'shutdown-send-retry-after': rare(
    boolean('Tell new requests to try again while a server that stops ends those it has.'),
  ),
  'shutdown-watch-termination-grace-period': rare(
    duration('How long watches have to end, one after the other, when the server stops (usually 0s: all at once).'),
  ),
  'tls-cipher-suites': rare(
    list('Which cipher suites of TLS 1.2 are agreed upon, by their names in Go (usually Go’s).', 'SUITE'),
  ),
  'tls-min-version': rare({
    ...text('The least version of TLS (usually VersionTLS12).', 'VersionTLS12'),
    complete: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'],
  }),
  'tls-curve-preferences': rare(list('Which key exchanges of TLS are agreed upon, by their numbers.', 'NUMBER')),
  'tls-sni-cert-key': {
    ...list('A certificate and its key for clients that ask for one of these names; may be given several times.', ''),
    placeholder: 'CERT,KEY[:NAME,…]',
    parse: namedCertificateFiles,
  },
  'disable-http2-serving': rare(boolean('Speak HTTP/1.1 only.')),
  'permit-port-sharing': rare(boolean('Let other processes listen at the same port (SO_REUSEPORT).')),
  'requestheader-client-ca-file': file(
    'Who signs certificates of proxies that say for whom they ask (usually the front proxy of this cluster). Read again when it changes.',
  ),
  'requestheader-allowed-names': list('Which of these proxies may do so, by common name (usually all).', 'NAME'),
  'requestheader-username-headers': list('By which headers they name a user, e.g. X-Remote-User.', 'HEADER'),
  'requestheader-uid-headers': rare(list('By which headers they name a UID, e.g. X-Remote-Uid.', 'HEADER')),
  'requestheader-group-headers': list('By which headers they name groups, e.g. X-Remote-Group.', 'HEADER'),
  'requestheader-extra-headers-prefix': list('How headers begin that say more, e.g. X-Remote-Extra-.', 'PREFIX'),
  'proxy-client-cert-file': file(
    'By which certificate extension API servers know this one. Read again when it changes.',
  ),
  'proxy-client-key-file': file('The key of that certificate.'),
  'enable-bootstrap-token-auth': boolean(
    'Believe tokens of Secrets of type bootstrap.kubernetes.io/token (usually true).',
  ),
  'kubelet-certificate-authority': file("Who signs kubelets' certificates (usually this cluster)."),
  'kubelet-client-certificate': file('By which certificate kubelets know this server.'),
  'kubelet-client-key': file('The key of that certificate.'),
  'kubelet-preferred-address-types': list(
    'By which of its addresses a node is reached, in order (usually InternalIP, ExternalIP, Hostname).',
    'TYPE',
  ),
  'external-hostname': text('Under which name others find this server, for its OpenID discovery.', 'HOST'),
  'service-node-port-range': {
    ...text('The ports that services may have on nodes (usually 30000-32767).', 'FROM-TO'),
    parse: portRangeText,
  },
  'endpoint-reconciler-type': rare({
    ...text('Whether this server is kept among the endpoints of the service kubernetes (usually lease).', 'lease|none'),
    values: ['lease', 'none'],
  }),
  'event-ttl': duration('How long events are kept (usually 1h).'),
  'delete-collection-workers': rare(number('How many objects are deleted at once when many are to go (usually 16).')),
  'emulated-version': rare(list('The version that is emulated; 1.37, for no other is.', '[kube=]VERSION')),
  'min-compatibility-version': rare(
    list('With which versions of the control plane this one works together (usually 1.36).', '[kube=]VERSION'),
  ),
  'emulation-forward-compatible': rare(boolean('Of an emulated version; see --emulated-version.')),
  'runtime-config-emulation-forward-compatible': rare(boolean('Of an emulated version; see --emulated-version.')),
  'storage-media-type': rare(text('As what objects are stored (always application/json).', 'TYPE')),
} as const satisfies Readonly<Record<string, ServerOption>>

/** A pair of files is named from the folder where the command runs, as other files are. */
function namedCertificateFiles(text: string): readonly string[] {
  const { certificateFile, privateKeyFile, names } = namedCertificate(text)
  return [`${resolve(certificateFile)},${resolve(privateKeyFile)}${names.length > 0 ? `:${names.join(',')}` : ''}`]
}

function portRangeText(text: string): string {
  portRange(text)
  return text
}

export type ServerOptionName = keyof typeof serverOptions
type ValueByType = {
  file: string
  text: string
  number: number
  float: number
  boolean: boolean
  list: readonly string[]
  /** Seconds. */
  duration: number
}
/** What was set; the rest is as usual. Files are absolute. */
export type ServerOptionValues = {
  readonly [Name in ServerOptionName]?: ValueByType[(typeof serverOptions)[Name]['type']]
}

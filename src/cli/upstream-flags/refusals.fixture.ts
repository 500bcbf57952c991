/** Flags that kube-apiserver v1.37.1 refuses, and the sentence by which it does; each ends with exit code 1. */
export const refusals: readonly (readonly [flags: string, sentence: string])[] = [
  ['--no-such-flag=1', 'unknown flag: --no-such-flag'],
  ['--insecure-port=0', 'unknown flag: --insecure-port'],
  ['--goaway-chance=0.5', '--goaway-chance can not be less than 0 or greater than 0.02'],
  ['--goaway-chance=-0.1', '--goaway-chance can not be less than 0 or greater than 0.02'],
  ['--goaway-chance=x', invalid('x', 'goaway-chance', 'strconv.ParseFloat: parsing "x": invalid syntax')],
  ['--max-requests-inflight=-1', '--max-requests-inflight can not be negative value'],
  ['--max-requests-inflight=x', invalid('x', 'max-requests-inflight', 'strconv.ParseInt: parsing "x": invalid syntax')],
  ['--max-mutating-requests-inflight=-1', '--max-mutating-requests-inflight can not be negative value'],
  [
    '--max-requests-inflight=0 --max-mutating-requests-inflight=0',
    'invalid configuration: MaxRequestsInFlight=0 and MaxMutatingRequestsInFlight=0; they must add up to something positive',
  ],
  ['--enable-priority-and-fairness=maybe', invalidBool('maybe', 'enable-priority-and-fairness')],
  ['--request-timeout=-1s', '--request-timeout can not be negative value'],
  ['--request-timeout=abc', invalid('abc', 'request-timeout', 'time: invalid duration "abc"')],
  ['--request-timeout=60', invalid('60', 'request-timeout', 'time: missing unit in duration "60"')],
  ['--min-request-timeout=-1', '--min-request-timeout can not be negative value'],
  ['--livez-grace-period=-1s', '--livez-grace-period can not be a negative value'],
  ['--shutdown-delay-duration=-1s', '--shutdown-delay-duration can not be negative value'],
  [
    '--shutdown-watch-termination-grace-period=-1s',
    'shutdown-watch-termination-grace-period, if provided, can not be a negative value',
  ],
  ['--shutdown-send-retry-after=x', invalidBool('x', 'shutdown-send-retry-after')],
  ['--tls-cipher-suites=NOPE', "Cipher suite NOPE not supported or doesn't exist"],
  ['--tls-min-version=VersionTLS9', 'unknown tls version "VersionTLS9"'],
  ['--tls-curve-preferences=99', 'curve preference 99 is not supported by the current Go version'],
  [
    '--tls-sni-cert-key=foo.crt',
    invalid('foo.crt', 'tls-sni-cert-key', 'expected comma separated certificate and key file paths'),
  ],
  ['--secure-port=0', '--secure-port 0 must be between 1 and 65535, inclusive. It cannot be turned off with 0'],
  ['--secure-port=70000', '--secure-port 70000 must be between 1 and 65535, inclusive. It cannot be turned off with 0'],
  ['--requestheader-username-headers=,', 'empty value in "requestheader-username-headers"'],
  [
    '--requestheader-uid-headers=X-Other',
    '--requestheader-uid-headers is set without specifying the standard X-Remote-Uid header - API aggregation will not work',
  ],
  ['--kubelet-timeout=x', invalid('x', 'kubelet-timeout', 'time: invalid duration "x"')],
  ['--emulated-version=1.99', 'emulation version 1.99 is not between [1.34, 1.37.0]'],
  ['--emulated-version=abc', 'could not parse "abc" as version'],
  ['--min-compatibility-version=1.38', 'minCompatibilityVersion version 1.38 is not between [1.34, 1.37]'],
  [
    '--emulated-version=1.36 --min-compatibility-version=1.37',
    'minCompatibilityVersion version 1.37 is not between [1.34, 1.36]',
  ],
  ...['emulation-forward-compatible', 'runtime-config-emulation-forward-compatible'].map(
    (flag) =>
      [
        `--${flag}=true`,
        `ServerRunOptions.${flag.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())} cannot be set to true if the emulation version is the same as the binary version`,
      ] as const,
  ),
  [
    '--encryption-provider-config-automatic-reload',
    '--encryption-provider-config-automatic-reload must be set with --encryption-provider-config',
  ],
  [
    '--storage-media-type=text/plain',
    '--storage-media-type "text/plain" invalid, allowed values: application/json, application/vnd.kubernetes.protobuf, application/yaml',
  ],
  [
    '--storage-backend=etcd2',
    "--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'",
  ],
  ['--storage-initialization-timeout=-1s', '--storage-initialization-timeout can not be negative value'],
  ['--etcd-compaction-interval=x', invalid('x', 'etcd-compaction-interval', 'time: invalid duration "x"')],
  [
    '--delete-collection-workers=x',
    invalid('x', 'delete-collection-workers', 'strconv.ParseInt: parsing "x": invalid syntax'),
  ],
  ['--watch-cache-sizes=foo', 'invalid value of watch cache size: foo'],
  ['--watch-cache-sizes=pods#x', 'invalid size of watch cache size: pods#x'],
  ['--watch-cache-sizes=pods#-1', 'watch cache size cannot be negative: pods#-1'],
  ['--event-ttl=x', invalid('x', 'event-ttl', 'time: invalid duration "x"')],
  [
    '--strict-transport-security-directives=nope',
    '--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information',
  ],
  ['--advertise-address=foo', invalid('foo', 'advertise-address', 'failed to parse IP: "foo"')],
  ['--bind-address=foo', invalid('foo', 'bind-address', 'failed to parse IP: "foo"')],
  [
    '--service-node-port-range=5000-4000',
    invalid('5000-4000', 'service-node-port-range', 'end port cannot be less than start port: 5000-4000'),
  ],
  ['--service-cluster-ip-range=foo', 'service-cluster-ip-range[0] is not a valid cidr'],
  ['--anonymous-auth=maybe', invalidBool('maybe', 'anonymous-auth')],
  [
    '--service-account-max-token-expiration=30m',
    'the service-account-max-token-expiration must be between 1 hour and 2^32 seconds',
  ],
  ['--service-account-jwks-uri=http://foo', 'service-account-jwks-uri requires https scheme, parsed as: http://foo'],
  ['--service-account-issuer=', 'service-account-issuer should not be an empty string'],
  ['--enable-bootstrap-token-auth=x', invalidBool('x', 'enable-bootstrap-token-auth')],
  ['--feature-gates=Nope=true', 'unrecognized feature gate: Nope'],
  [
    '--feature-gates=APIServerIdentity=x',
    'invalid value of APIServerIdentity=x, err: strconv.ParseBool: parsing "x": invalid syntax',
  ],
  ['--runtime-config=foo=bar', 'runtime-config invalid key foo'],
  ['--runtime-config=foo/v1=true', 'unknown api groups foo/v1'],
  ['--authorization-mode=Foo', 'authorization-mode "Foo" is not a valid mode'],
  ['--enable-admission-plugins=Foo', 'enable-admission-plugins plugin "Foo" is unknown'],
  ['--disable-admission-plugins=Foo', 'disable-admission-plugins plugin "Foo" is unknown'],
  ['--profiling=x', invalidBool('x', 'profiling')],
  [
    '--default-not-ready-toleration-seconds=x',
    invalid('x', 'default-not-ready-toleration-seconds', 'strconv.ParseInt: parsing "x": invalid syntax'),
  ],
  ['--disable-http2-serving=x', invalidBool('x', 'disable-http2-serving')],
]

function invalid(value: string, flag: string, why: string): string {
  return `invalid argument "${value}" for "--${flag}" flag: ${why}`
}
function invalidBool(value: string, flag: string): string {
  return invalid(value, flag, `strconv.ParseBool: parsing "${value}": invalid syntax`)
}

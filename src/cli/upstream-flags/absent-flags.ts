const oneStream = 'the log is one stream of text, written at once'
const fewLabels = 'no metric is hidden, and their labels have few values'
const noPeers = 'no request is handed to another server: UnknownVersionInteroperabilityProxy is alpha and off'

/** Flags of kube-apiserver that `skiff apiserver` does not know, and why. */
export const absentFlags: Readonly<Record<string, string>> = {
  'admission-control': 'deprecated for --enable-admission-plugins and --disable-admission-plugins, which are there',
  'allow-metric-labels': fewLabels,
  'allow-metric-labels-manifest': fewLabels,
  'debug-socket-path': 'there are no profiles to serve at a socket',
  'disabled-metrics': fewLabels,
  'egress-selector-config-file': 'nodes, pods and webhooks are reached directly, through no konnectivity proxy',
  'enable-logs-handler': 'files of the host are served to nobody; upstream has it off',
  'etcd-servers-overrides': 'one store keeps all resources, in one order of revisions',
  'kubernetes-service-node-port': 'the service kubernetes is of type ClusterIP',
  'log-json-info-buffer-size': oneStream,
  'log-json-split-stream': oneStream,
  'log-text-info-buffer-size': oneStream,
  'log-text-split-stream': oneStream,
  'max-connection-bytes-per-sec': 'a connection is as fast as both of its ends',
  'peer-advertise-ip': noPeers,
  'peer-advertise-port': noPeers,
  'peer-ca-file': noPeers,
  'service-account-signing-endpoint': 'keys of tokens are in files, with no signer outside',
  'show-hidden-metrics-for-version': fewLabels,
  version: 'skiff version tells it',
  vmodule: oneStream,
}

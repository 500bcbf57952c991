/** What a client needs to reach a cluster as somebody. */
export interface KubeconfigOptions {
  /** Name of the cluster, the context and, with `user`, the credential. */
  readonly cluster: string
  readonly user: string
  /** `https://127.0.0.1:6443` */
  readonly server: string
  readonly authorityPem: string
  readonly clientCertificatePem: string
  readonly clientKeyPem: string
}

/** A kubeconfig as YAML, with everything it needs inside (client-go tools/clientcmd/api/v1). */
export function kubeconfig(options: KubeconfigOptions): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const text = (value: string) =>
    /^[A-Za-z][\w.:/@-]*$/.test(value) && !value.endsWith(':') ? value : JSON.stringify(value)
  const context = options.cluster
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(options.authorityPem)}
    server: ${text(options.server)}
  name: ${text(options.cluster)}
contexts:
- context:
    cluster: ${text(options.cluster)}
    user: ${text(options.user)}
  name: ${text(context)}
current-context: ${text(context)}
kind: Config
preferences: {}
users:
- name: ${text(options.user)}
  user:
    client-certificate-data: ${base64(options.clientCertificatePem)}
    client-key-data: ${base64(options.clientKeyPem)}
`
}

/** What the cluster tells its controllers; each reads what concerns it. */
export interface ControllerOptions {
  /** PEM of the certificate authority that pods trust; for kube-root-ca.crt. */
  readonly rootCa?: string
}

/** What the cluster tells its controllers; each reads what concerns it. */
export interface ControllerOptions {
  /** PEM of the certificate authority that pods trust; for kube-root-ca.crt. */
  readonly rootCa?: string
  /** How long a deleted namespace is left alone before its content goes (default 1 s; several API servers: 5 s). */
  readonly namespaceDeletionDelayMs?: number
}

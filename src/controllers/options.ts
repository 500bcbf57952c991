/** What the cluster tells its controllers; each reads what concerns it. */
export interface ControllerOptions {
  /** Nodes get their ranges of pod addresses from these: `10.244.0.0/16`. */
  readonly podCidrs?: readonly string[]
  /** PEM of the certificate authority that pods trust; for kube-root-ca.crt. */
  readonly rootCa?: string
  /** How long a deleted namespace is left alone before its content goes (default 1 s; several API servers: 5 s). */
  readonly namespaceDeletionDelayMs?: number
  /** Of schedules that name none: `Europe/Berlin` (default UTC). */
  readonly timeZone?: string
}

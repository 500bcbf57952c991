/** An API server that is compared: where it is, and how one is somebody there. */
export interface Server {
  readonly name: 'upstream' | 'skiff'
  readonly port: number
  readonly authorityPem: string
  /** Of a member of system:masters, the same one on both servers. */
  readonly clientCertificatePem: string
  readonly clientKeyPem: string
  stop(): Promise<void>
}

/** The user whose certificate the requests carry. */
export const requestUser = { name: 'kubernetes-super-admin', groups: ['system:masters'] }

/** Services get their addresses from here on both servers. */
export const serviceCidr = '10.96.0.0/16'

/** Every version of every group. */
export const runtimeConfig = ['api/all=true']

/** The feature gates of both servers: as released but for those without which some kinds are not served, all on, or betas off. */
export const gateSettings: Readonly<Record<string, readonly string[]>> = {
  released: ['GenericWorkload', 'TopologyAwareWorkloadScheduling', 'CompositePodGroup', 'EvictionRequestAPI'].map(
    (name) => `${name}=true`,
  ),
  // No CBOR is stored or served here.
  all: ['AllAlpha=true', 'AllBeta=true', 'CBORServingAndStorage=false'],
  // Upstream keeps the checks that declared rules replace, in words of their own; here are the declared ones alone.
  none: ['AllBeta=false', 'DeclarativeValidationBeta=true'],
}

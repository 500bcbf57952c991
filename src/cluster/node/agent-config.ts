/** What a node agent is told by the cluster process: a file in the node's folder, readable by root alone. */
export interface AgentConfig {
  readonly nodeName: string
  readonly nodeIP: string
  /** `https://10.89.0.1:6443` */
  readonly server: string
  readonly clusterDNS: string
  readonly clusterDomain: string
  readonly podCidrs: readonly string[]
  readonly serviceCidrs: readonly string[]
  readonly nodeCidrs: readonly string[]
  /** Of pods' links and the machines' cables. */
  readonly mtu: number
  /** A control group that exists in each hierarchy: `/skiff0-node1`. */
  readonly cgroupRoot: string
  readonly containerdSocket: string
  /** Where the agent's DNS listens, on the node's address. */
  readonly dnsPort: number
  /** Name servers for names outside the cluster. */
  readonly forward: readonly string[]
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** PEM files. */
  readonly pki: {
    readonly ca: string
    /** With which the kubelet asks for its own, when it has none. */
    readonly bootstrap: CertificateFiles
    readonly proxy: CertificateFiles
    readonly localVolumes: CertificateFiles
  }
}

export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/** The port at which every node's DNS is found behind the service kube-dns. */
export const nodeDnsPort = 10053
/** The sandbox image of every pod; made here, for none can be pulled where there is no registry. */
export const sandboxImage = 'skiff.local/pause:1'

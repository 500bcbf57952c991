/** The protocols of ports, as upstream lists them. */
export const portProtocols: readonly string[] = ['SCTP', 'TCP', 'UDP']

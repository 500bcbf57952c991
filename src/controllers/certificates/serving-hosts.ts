/** Names and addresses under which a node's kubelet serves; undefined: not a node of whoever is asked. */
export type ServingHosts = (node: string) => readonly string[] | undefined

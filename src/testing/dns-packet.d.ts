/** The part of the package dns-packet that tests compare our codec with. */
declare module 'dns-packet' {
  interface Answer {
    readonly name: string
    readonly type: string
    readonly ttl?: number
    readonly data: unknown
  }
  interface Packet {
    readonly id?: number
    readonly rcode?: string
    readonly flag_tc?: boolean
    readonly questions?: readonly { readonly name: string; readonly type: string }[]
    readonly answers?: readonly Answer[]
    readonly authorities?: readonly Answer[]
    readonly additionals?: readonly Answer[]
  }
  export function decode(bytes: Uint8Array): Packet
  export function encode(packet: object): Buffer
}

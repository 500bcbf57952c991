/** A member of a protobuf message. */
export interface ProtoField {
  readonly name: string
  readonly number: number
  readonly repeated: boolean
  /** Scalar name, message name, or `map<string, …>`. */
  readonly type: string
}

/** The messages of a .proto file as go-to-protobuf writes them, by name. */
export function readProto(source: string): ReadonlyMap<string, readonly ProtoField[]> {
  const messages = new Map<string, ProtoField[]>()
  let current: ProtoField[] | undefined
  for (const line of source.split('\n')) {
    const message = /^message (\w+) \{$/.exec(line)
    if (message) messages.set(message[1]!, (current = []))
    const field = /^ {2}(optional |repeated |required )?(map<\w+, [\w.]+>|[\w.]+) (\w+) = (\d+);$/.exec(line)
    if (field && current) {
      const [, label, type, name, number] = field
      current.push({ name: name!, number: Number(number), repeated: label === 'repeated ', type: type! })
    }
  }
  return messages
}

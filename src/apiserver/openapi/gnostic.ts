import { BackwardWriter } from '../../machinery/codec/protobuf/writer.ts'
import { wireTypes } from '../../machinery/codec/protobuf/reader.ts'
import { printYaml } from '../../machinery/codec/yaml/print-yaml.ts'
import { isObject } from '../../machinery/json.ts'

/**
 * Writes OpenAPI documents as the protobuf messages of gnostic (github.com/google/gnostic-models), which kubectl reads.
 * A message is a table: which member of the JSON goes into which field, and how.
 */
export type MessageTable = () => readonly FieldTable[]
export interface FieldTable {
  readonly number: number
  /** The member's name in JSON; '' for what takes the whole object (extensions, members that are named freely). */
  readonly member: string
  readonly write: FieldWriter
}
/** Writes the value into a field of that number. */
export type FieldWriter = (writer: BackwardWriter, number: number, value: unknown) => void

export function encodeGnostic(document: object, table: MessageTable): Buffer {
  const writer = new BackwardWriter()
  writeMembers(writer, table, document as Members)
  return writer.take()
}

type Members = Readonly<Record<string, unknown>>

function writeMembers(writer: BackwardWriter, table: MessageTable, value: Members): void {
  const fields = table()
  for (let at = fields.length - 1; at >= 0; at--) {
    const { number, member, write } = fields[at]!
    const part = member === '' ? value : value[member]
    if (part !== undefined) write(writer, number, part)
  }
}

/** The length of what was written since `before`, and the tag of the field that it fills. */
export function finish(writer: BackwardWriter, number: number, before: number): void {
  writer.varint(writer.length - before)
  writer.varint((number << 3) | wireTypes.bytes)
}

export const string: FieldWriter = (writer, number, value) => {
  if (value === '') return
  writer.string(String(value))
  writer.varint((number << 3) | wireTypes.bytes)
}
export const bool: FieldWriter = (writer, number, value) => {
  if (value !== true) return
  writer.varint(1)
  writer.varint((number << 3) | wireTypes.varint)
}
export const int: FieldWriter = (writer, number, value) => {
  if (value === 0) return
  writer.varint(value as number)
  writer.varint((number << 3) | wireTypes.varint)
}
export const double: FieldWriter = (writer, number, value) => {
  if (value === 0) return
  writer.double(value as number)
  writer.varint((number << 3) | wireTypes.fixed64)
}
/** A value of any shape, as YAML. */
export const any: FieldWriter = (writer, number, value) => {
  const before = writer.length
  string(writer, 2, printYaml(value))
  finish(writer, number, before)
}

export function list(item: FieldWriter): FieldWriter {
  return (writer, number, value) => {
    const items = Array.isArray(value) ? value : [value]
    for (let at = items.length - 1; at >= 0; at--) item(writer, number, items[at])
  }
}

export function message(table: MessageTable): FieldWriter {
  return (writer, number, value) => {
    const before = writer.length
    writeMembers(writer, table, value as Members)
    finish(writer, number, before)
  }
}

/** A message whose only field, of that number, is written by `inner`: the branch of a oneof, or a list in a message. */
export function wrapped(inner: FieldWriter, field: number): FieldWriter {
  return (writer, number, value) => {
    const before = writer.length
    inner(writer, field, value)
    finish(writer, number, before)
  }
}

/** Chooses by the value; written in place. */
export function either(choose: (value: unknown) => FieldWriter): FieldWriter {
  return (writer, number, value) => choose(value)(writer, number, value)
}

/** Members that are named freely, each as a message of its name and value. */
export function named(item: FieldWriter, belongs: (name: string) => boolean = () => true): FieldWriter {
  return (writer, number, value) => {
    const entries = Object.entries(value as Members).filter(([name, member]) => member !== undefined && belongs(name))
    for (let at = entries.length - 1; at >= 0; at--) {
      const [name, member] = entries[at]!
      const before = writer.length
      item(writer, 2, member)
      string(writer, 1, name)
      finish(writer, number, before)
    }
  }
}

export const extensions: FieldWriter = named(any, (name) => name.startsWith('x-'))

export const isReference = (value: unknown): boolean => isObject(value) && typeof value.$ref === 'string'

import {
  any,
  bool,
  double,
  either,
  encodeGnostic,
  extensions,
  finish,
  int,
  isReference,
  list,
  message,
  named,
  string,
  wrapped,
  type FieldTable,
  type FieldWriter,
  type MessageTable,
} from './gnostic.ts'
import { wireTypes } from '../../machinery/codec/protobuf/reader.ts'
import { isObject, type JsonObject } from '../../machinery/json.ts'

/** An OpenAPI v3 document as gnostic's openapi.v3.Document (openapiv3/OpenAPIv3.proto). */
export function gnosticV3(document: JsonObject): Buffer {
  return encodeGnostic(document, documentTable)
}

const field = (number: number, member: string, write: FieldTable['write']): FieldTable => ({ number, member, write })

/** Most messages come in a oneof with a reference: the thing itself is 1, the reference 2. */
const orReference = (table: MessageTable): FieldWriter =>
  either((value) => (isReference(value) ? wrapped(message(referenceTable), 2) : wrapped(message(table), 1)))

const referenceTable: MessageTable = () => [
  field(1, '$ref', string),
  field(2, 'summary', string),
  field(3, 'description', string),
]
const documentTable: MessageTable = () => [
  field(1, 'openapi', string),
  field(2, 'info', message(infoTable)),
  field(4, 'paths', message(pathsTable)),
  field(5, 'components', message(componentsTable)),
  field(9, '', extensions),
]
const infoTable: MessageTable = () => [field(1, 'title', string), field(6, 'version', string)]
const pathsTable: MessageTable = () => [
  field(
    1,
    '',
    named(message(pathItemTable), (name) => name.startsWith('/')),
  ),
]
const componentsTable: MessageTable = () => [
  field(1, 'schemas', wrapped(named(orReference(schemaTable)), 1)),
  field(7, 'securitySchemes', wrapped(named(orReference(securitySchemeTable)), 1)),
]
const securitySchemeTable: MessageTable = () => [
  field(1, 'type', string),
  field(2, 'description', string),
  field(3, 'name', string),
  field(4, 'in', string),
]
const pathItemTable: MessageTable = () => [
  field(4, 'get', message(operationTable)),
  field(5, 'put', message(operationTable)),
  field(6, 'post', message(operationTable)),
  field(7, 'delete', message(operationTable)),
  field(8, 'options', message(operationTable)),
  field(9, 'head', message(operationTable)),
  field(10, 'patch', message(operationTable)),
  field(13, 'parameters', list(orReference(parameterTable))),
]
const operationTable: MessageTable = () => [
  field(1, 'tags', list(string)),
  field(3, 'description', string),
  field(5, 'operationId', string),
  field(6, 'parameters', list(orReference(parameterTable))),
  field(7, 'requestBody', orReference(requestBodyTable)),
  field(8, 'responses', message(responsesTable)),
  field(13, '', extensions),
]
const parameterTable: MessageTable = () => [
  field(1, 'name', string),
  field(2, 'in', string),
  field(3, 'description', string),
  field(4, 'required', bool),
  field(10, 'schema', orReference(schemaTable)),
]
const requestBodyTable: MessageTable = () => [
  field(1, 'description', string),
  field(2, 'content', mediaTypes),
  field(3, 'required', bool),
]
const responsesTable: MessageTable = () => [
  field(
    2,
    '',
    named(orReference(responseTable), (name) => !name.startsWith('x-')),
  ),
]
const responseTable: MessageTable = () => [field(1, 'description', string), field(3, 'content', mediaTypes)]
const mediaTypeTable: MessageTable = () => [field(1, 'schema', orReference(schemaTable))]
const mediaTypes = wrapped(named(message(mediaTypeTable)), 1)

const schemaTable: MessageTable = () => [
  field(1, 'nullable', bool),
  field(6, 'externalDocs', message(externalDocsTable)),
  field(7, 'example', any),
  field(9, 'title', string),
  field(10, 'multipleOf', double),
  field(11, 'maximum', double),
  field(12, 'exclusiveMaximum', bool),
  field(13, 'minimum', double),
  field(14, 'exclusiveMinimum', bool),
  field(15, 'maxLength', int),
  field(16, 'minLength', int),
  field(17, 'pattern', string),
  field(18, 'maxItems', int),
  field(19, 'minItems', int),
  field(20, 'uniqueItems', bool),
  field(21, 'maxProperties', int),
  field(22, 'minProperties', int),
  field(23, 'required', list(string)),
  field(24, 'enum', list(any)),
  field(25, 'type', string),
  field(26, 'allOf', list(orReference(schemaTable))),
  field(27, 'oneOf', list(orReference(schemaTable))),
  field(28, 'anyOf', list(orReference(schemaTable))),
  field(29, 'not', message(schemaTable)),
  field(30, 'items', wrapped(list(orReference(schemaTable)), 1)),
  field(31, 'properties', wrapped(named(orReference(schemaTable)), 1)),
  field(32, 'additionalProperties', additionalProperties),
  field(33, 'default', defaultValue),
  field(34, 'description', string),
  field(35, 'format', string),
  field(36, '', extensions),
]
const externalDocsTable: MessageTable = () => [field(1, 'description', string), field(2, 'url', string)]
const additionalProperties = either((value) =>
  isObject(value) ? wrapped(orReference(schemaTable), 1) : wrapped(bool, 2),
)
/** Only scalars can be defaults in gnostic; others are an empty message. Zero values are told, being a choice of three. */
const defaultValue: FieldWriter = (writer, number, value) => {
  const before = writer.length
  if (typeof value === 'number') {
    writer.double(value)
    writer.varint((1 << 3) | wireTypes.fixed64)
  } else if (typeof value === 'boolean') {
    writer.varint(value ? 1 : 0)
    writer.varint((2 << 3) | wireTypes.varint)
  } else if (typeof value === 'string') {
    writer.string(value)
    writer.varint((3 << 3) | wireTypes.bytes)
  }
  finish(writer, number, before)
}

import {
  any,
  bool,
  double,
  either,
  encodeGnostic,
  extensions,
  int,
  isReference,
  list,
  message,
  named,
  string,
  wrapped,
  type FieldTable,
  type MessageTable,
} from './gnostic.ts'
import { isObject, type JsonObject } from '../../machinery/json.ts'

/** An OpenAPI v2 document as gnostic's openapi.v2.Document (openapiv2/OpenAPIv2.proto). */
export function gnosticV2(document: JsonObject): Buffer {
  return encodeGnostic(document, documentTable)
}

const field = (number: number, member: string, write: FieldTable['write']): FieldTable => ({ number, member, write })

const documentTable: MessageTable = () => [
  field(1, 'swagger', string),
  field(2, 'info', message(infoTable)),
  field(8, 'paths', message(pathsTable)),
  field(9, 'definitions', wrapped(named(message(schemaTable)), 1)),
  field(10, 'parameters', wrapped(named(either(parameter)), 1)),
  field(12, 'security', list(wrapped(named(wrapped(list(string), 1)), 1))),
  field(13, 'securityDefinitions', wrapped(named(wrapped(message(apiKeyTable), 2)), 1)),
  field(16, '', extensions),
]
const infoTable: MessageTable = () => [
  field(1, 'title', string),
  field(2, 'version', string),
  field(3, 'description', string),
]
const apiKeyTable: MessageTable = () => [
  field(1, 'type', string),
  field(2, 'name', string),
  field(3, 'in', string),
  field(4, 'description', string),
]
const pathsTable: MessageTable = () => [
  field(
    2,
    '',
    named(message(pathItemTable), (name) => name.startsWith('/')),
  ),
]
const pathItemTable: MessageTable = () => [
  field(2, 'get', message(operationTable)),
  field(3, 'put', message(operationTable)),
  field(4, 'post', message(operationTable)),
  field(5, 'delete', message(operationTable)),
  field(6, 'options', message(operationTable)),
  field(7, 'head', message(operationTable)),
  field(8, 'patch', message(operationTable)),
  field(9, 'parameters', parameters),
]
const operationTable: MessageTable = () => [
  field(1, 'tags', list(string)),
  field(3, 'description', string),
  field(5, 'operationId', string),
  field(6, 'produces', list(string)),
  field(7, 'consumes', list(string)),
  field(8, 'parameters', parameters),
  field(9, 'responses', message(responsesTable)),
  field(10, 'schemes', list(string)),
  field(13, '', extensions),
]
const responsesTable: MessageTable = () => [
  field(
    1,
    '',
    named(wrapped(message(responseTable), 1), (name) => !name.startsWith('x-')),
  ),
]
const responseTable: MessageTable = () => [
  field(1, 'description', string),
  field(2, 'schema', wrapped(message(schemaTable), 1)),
]
// ParametersItem, Parameter and NonBodyParameter are oneofs within each other.
function parameter(value: unknown): FieldTable['write'] {
  const place = (value as { in?: string }).in
  if (place === 'body') return wrapped(message(bodyTable), 1)
  return wrapped(
    place === 'path' ? wrapped(message(pathParameterTable), 4) : wrapped(message(queryParameterTable), 3),
    2,
  )
}
const parameters = list(
  either((value) => (isReference(value) ? wrapped(message(referenceTable), 2) : wrapped(parameter(value), 1))),
)
const referenceTable: MessageTable = () => [field(1, '$ref', string)]
const bodyTable: MessageTable = () => [
  field(1, 'description', string),
  field(2, 'name', string),
  field(3, 'in', string),
  field(4, 'required', bool),
  field(5, 'schema', message(schemaTable)),
]
const queryParameterTable: MessageTable = () => [
  field(1, 'required', bool),
  field(2, 'in', string),
  field(3, 'description', string),
  field(4, 'name', string),
  field(6, 'type', string),
  field(20, 'uniqueItems', bool),
]
const pathParameterTable: MessageTable = () => [
  field(1, 'required', bool),
  field(2, 'in', string),
  field(3, 'description', string),
  field(4, 'name', string),
  field(5, 'type', string),
  field(19, 'uniqueItems', bool),
]
const schemaTable: MessageTable = () => [
  field(1, '$ref', string),
  field(2, 'format', string),
  field(3, 'title', string),
  field(4, 'description', string),
  field(5, 'default', any),
  field(6, 'multipleOf', double),
  field(7, 'maximum', double),
  field(8, 'exclusiveMaximum', bool),
  field(9, 'minimum', double),
  field(10, 'exclusiveMinimum', bool),
  field(11, 'maxLength', int),
  field(12, 'minLength', int),
  field(13, 'pattern', string),
  field(14, 'maxItems', int),
  field(15, 'minItems', int),
  field(16, 'uniqueItems', bool),
  field(17, 'maxProperties', int),
  field(18, 'minProperties', int),
  field(19, 'required', list(string)),
  field(20, 'enum', list(any)),
  field(21, 'additionalProperties', additionalProperties),
  field(22, 'type', wrapped(list(string), 1)),
  field(23, 'items', wrapped(list(message(schemaTable)), 1)),
  field(24, 'allOf', list(message(schemaTable))),
  field(25, 'properties', wrapped(named(message(schemaTable)), 1)),
  field(29, 'externalDocs', message(externalDocsTable)),
  field(30, 'example', any),
  field(31, '', extensions),
]
const externalDocsTable: MessageTable = () => [field(1, 'description', string), field(2, 'url', string)]
const additionalProperties = either((value) =>
  isObject(value) || isReference(value) ? wrapped(message(schemaTable), 1) : wrapped(bool, 2),
)

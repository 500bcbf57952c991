import { GoUrlError, parseRequestUri } from '../../go-url.ts'
import { formatCheck } from '../../schema/values/formats.ts'
import { labelValue, qualifiedName } from '../../validation/label-names.ts'
import { nameChecks } from '../../validation/object-name.ts'
import { ArrayList } from '../collections.ts'
import type { Library } from '../environment.ts'
import { memberOverload, overload } from '../function.ts'
import { listOf, optionalOf, stringType } from '../type.ts'
import { none, ObjectValue, Optional, type Value } from '../value.ts'
import { formatType } from './kubernetes-values.ts'

type Check = (text: string) => readonly string[]

export class FormatValue extends ObjectValue {
  readonly type = formatType
  readonly name: string
  readonly check: Check
  /** The length of a regular expression that does the same, for costs. */
  readonly patternSize: number
  constructor(name: string, patternSize: number, check: Check) {
    super()
    this.name = name
    this.patternSize = patternSize
    this.check = check
  }
  equals(other: FormatValue): Value {
    return other.name === this.name
  }
}

const simple =
  (format: string, problem: string): Check =>
  (text) =>
    formatCheck(format)!(text) ? [] : [problem]

function uri(text: string): readonly string[] {
  try {
    parseRequestUri(text)
    return []
  } catch (error) {
    if (error instanceof GoUrlError) return [error.message]
    throw error
  }
}

const formats: Readonly<Record<string, FormatValue>> = {
  dns1123Label: new FormatValue('DNS1123Label', 30, (text) => nameChecks.dns1123Label(text, false)),
  dns1123Subdomain: new FormatValue('DNS1123Subdomain', 60, (text) => nameChecks.dns1123Subdomain(text, false)),
  dns1035Label: new FormatValue('DNS1035Label', 30, (text) => nameChecks.dns1035Label(text, false)),
  qualifiedName: new FormatValue('QualifiedName', 60, qualifiedName),
  dns1123LabelPrefix: new FormatValue('DNS1123LabelPrefix', 30, (text) => nameChecks.dns1123Label(text, true)),
  dns1123SubdomainPrefix: new FormatValue('DNS1123SubdomainPrefix', 60, (text) =>
    nameChecks.dns1123Subdomain(text, true),
  ),
  dns1035LabelPrefix: new FormatValue('DNS1035LabelPrefix', 30, (text) => nameChecks.dns1035Label(text, true)),
  labelValue: new FormatValue('LabelValue', 40, labelValue),
  uri: new FormatValue('URI', 1103, uri),
  uuid: new FormatValue('uuid', 70, simple('uuid', 'does not match the UUID format')),
  byte: new FormatValue('byte', 84, simple('byte', 'invalid base64')),
  date: new FormatValue('date', 71, simple('date', 'invalid date')),
  datetime: new FormatValue('datetime', 71, simple('datetime', 'invalid datetime')),
}

function validate(format: FormatValue, text: string): Value {
  const problems = format.check(text)
  return problems.length === 0 ? none : new Optional(new ArrayList(problems))
}

/** apiserver pkg/cel/library/format.go. */
export const formatLibrary: Library = {
  functions: [
    {
      name: 'validate',
      overloads: [
        memberOverload('format-validate', [formatType, stringType], optionalOf(listOf(stringType)), validate),
      ],
    },
    {
      name: 'format.named',
      overloads: [
        overload('format-named', [stringType], optionalOf(formatType), (name: string) =>
          Object.hasOwn(formats, name) ? new Optional(formats[name]!) : none,
        ),
      ],
    },
    ...Object.entries(formats).map(([name, format]) => ({
      name: `format.${name}`,
      overloads: [overload(`format.${name}`, [], formatType, () => format)],
    })),
  ],
}

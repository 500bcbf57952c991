import assert from 'node:assert/strict'
import { test } from 'node:test'
// Only the cases themselves: plain JSON, without the messages of protobuf.
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js'
import type { Checked } from './checked.ts'
import { createEnvironment, type Environment, extendEnvironment } from './environment.ts'
import { equalValues } from './equality.ts'
import { formatValue } from './format-value.ts'
import { overload } from './function.ts'
import { kubernetesCosts } from './libraries/kubernetes-cost.ts'
import { listLibrary } from './libraries/lists.ts'
import { optionalLibrary } from './libraries/optional.ts'
import { setLibrary } from './libraries/sets.ts'
import { standardLibrary } from './libraries/standard.ts'
import { stringLibrary } from './libraries/strings.ts'
import { twoVariableLibrary } from './libraries/two-variables.ts'
import { caseType, caseValue, type JsonType, type JsonValue } from './official-values.fixture.ts'
import { parse } from './parser.ts'
import { compile, PlanError, Program } from './program.ts'
import { CompileError, Issues, Source } from './source.ts'
import { dynType, formatType, sameType, type Type } from './type.ts'
import { CelError, type Value, valueType } from './value.ts'

interface Case {
  readonly name: string
  readonly expr: string
  readonly container?: string
  readonly disableCheck?: boolean
  readonly checkOnly?: boolean
  readonly typeEnv?: readonly {
    readonly name: string
    readonly ident?: { readonly type: JsonType }
    readonly function?: { readonly overloads: readonly CaseOverload[] }
  }[]
  readonly bindings?: Readonly<Record<string, { readonly value: JsonValue }>>
  readonly value?: JsonValue
  readonly typedResult?: { readonly result?: JsonValue; readonly deducedType?: JsonType }
  readonly evalError?: object
}
interface CaseOverload {
  readonly overloadId: string
  readonly params?: readonly JsonType[]
  readonly resultType: JsonType
}
interface Suite {
  readonly name: string
  readonly suites?: readonly Suite[]
  readonly tests?: readonly { readonly original: Case }[]
}

/** The language as Kubernetes sets it up, without what it forbids beyond (literals of mixed types). */
const language = createEnvironment([
  standardLibrary,
  optionalLibrary,
  stringLibrary,
  setLibrary,
  twoVariableLibrary,
  listLibrary,
])

/** `format` of version 2 of cel-go's strings, which Kubernetes stays with. */
const oldFormats = [
  'scientific notation formatting clause',
  'default precision for scientific notation',
  'NaN support for scientific notation',
  'positive infinity support for scientific notation',
  'negative infinity support for scientific notation',
  'NaN support for decimal',
  'positive infinity support for decimal',
  'negative infinity support for decimal',
  'positive infinity support for fixed-point',
  'negative infinity support for fixed-point',
  'list support for string',
  'map support for string',
  'map support (all key types)',
  'dyntype support for scientific notation',
  'dyntype NaN/infinity support',
  'dyntype support for lists',
  'dyntype support for maps',
  'scientific notation formatting clause in a string variable',
]

/** Suites, `suite/section`s and `suite/section/case`s that do not apply, and why. */
const excluded: Readonly<Record<string, string>> = {
  bindings_ext: 'Kubernetes does not have cel.bind (cel-go ext.Bindings)',
  block_ext: 'Kubernetes does not have cel.block',
  encoders_ext: 'Kubernetes does not have base64 (cel-go ext.Encoders)',
  math_ext: 'Kubernetes does not have math (cel-go ext.Math)',
  enums: 'Kubernetes has no enums of protobuf',
  proto2: 'Kubernetes has no messages of protobuf',
  proto2_ext: 'Kubernetes has no messages of protobuf',
  proto3: 'Kubernetes has no messages of protobuf',
  wrappers: 'Kubernetes has no messages of protobuf',
  'dynamic/value_null/literal': 'Kubernetes has no messages of protobuf',
  'namespace/namespace': 'expressions of Kubernetes have no container',
  'fields/qualified_identifier_resolution/qualified_identifier_resolution_unchecked':
    'a name with dots is found by the checker, which Kubernetes always asks',
  ...Object.fromEntries(
    [
      'fields/qualified_identifier_resolution/map_key_float',
      'fields/qualified_identifier_resolution/map_value_repeat_key',
      'fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous',
      'optionals/optionals/map_null_entry_no_such_key',
      'optionals/optionals/map_present_key_invalid_field',
      'string_ext/value_errors/indexof_out_of_range',
      'string_ext/value_errors/lastindexof_out_of_range',
      'timestamps/duration_converters/get_milliseconds',
      'type_deductions/legacy_nullable_types/null_assignable_to_abstract_parameter_candidate',
      ...oldFormats.map((name) => `string_ext/format/${name}`),
    ].map((place) => [place, 'upstream answers otherwise, and so does Skiff (checked against cel-go v0.29.2)']),
  ),
}
const messages =
  /TestAllTypes|google\.protobuf\.(?!Timestamp|Duration)|"objectValue":\{"@type":"(?!type\.googleapis\.com\/google\.protobuf\.(Timestamp|Duration)")|"enumValue"/

function reasonToExclude(path: readonly string[], one: Case): string | undefined {
  for (let depth = 1; depth <= path.length; depth++) {
    const reason = excluded[path.slice(0, depth).join('/')]
    if (reason !== undefined) return reason
  }
  return messages.test(JSON.stringify({ ...one, container: undefined }))
    ? 'Kubernetes has no messages of protobuf'
    : undefined
}

function environmentOf({ typeEnv = [] }: Case): Environment {
  const variables = typeEnv.flatMap(({ name, ident }): [string, Type][] =>
    ident ? [[name, caseType(ident.type)]] : [],
  )
  const functions = typeEnv.flatMap((declared) =>
    declared.function === undefined
      ? []
      : [
          {
            name: declared.name,
            overloads: declared.function.overloads.map(({ overloadId, params = [], resultType }) =>
              overload(overloadId, params.map(caseType), caseType(resultType)),
            ),
          },
        ],
  )
  return extendEnvironment(language, { variables, libraries: [{ functions }] })
}

/** Kubernetes checks every expression, but the evaluator does without as well. */
function unchecked(text: string, { macros }: Environment): Checked {
  const source = new Source(text)
  const issues = new Issues(source)
  const parsed = parse(source, macros, issues)
  if (parsed === undefined) throw new CompileError(issues.toString())
  return { expr: parsed.expr, types: new Map(), references: new Map(), outputType: dynType }
}

function evaluate(one: Case): { readonly value: Value; readonly type?: Type } {
  const environment = environmentOf(one)
  const bindings = new Map(
    Object.entries(one.bindings ?? {}).map(([name, { value }]) => [name, caseValue(value)] as const),
  )
  try {
    const checked = one.disableCheck ? unchecked(one.expr, environment) : compile(one.expr, environment)
    if (one.checkOnly) return { value: null, type: checked.outputType }
    const program = new Program(checked, environment, kubernetesCosts(), Number.MAX_SAFE_INTEGER)
    const { value } = program.evaluate((name) => bindings.get(name))
    return { value, type: checked.outputType }
  } catch (error) {
    if (error instanceof CompileError || error instanceof PlanError) return { value: new CelError(error.message) }
    throw error
  }
}

const show = (value: Value): string =>
  value instanceof CelError ? `error: ${value.message}` : String(formatValue(value))

/** What went wrong; undefined: nothing. */
function faultOf(one: Case): string | undefined {
  const { value, type } = evaluate(one)
  if (one.evalError !== undefined) return value instanceof CelError ? undefined : `no error, but ${show(value)}`
  const { deducedType } = one.typedResult ?? {}
  if (deducedType !== undefined) {
    if (type === undefined) return show(value)
    const expected = caseType(deducedType)
    if (!sameType(type, expected, true)) return `type ${formatType(type)}, not ${formatType(expected)}`
  }
  if (one.checkOnly) return undefined
  const wanted = one.value ?? one.typedResult?.result
  const expected = wanted === undefined ? true : caseValue(wanted)
  if (value instanceof CelError) return show(value)
  const bothNaN = Number.isNaN(value) && Number.isNaN(expected)
  const same = sameType(valueType(value), valueType(expected)) && equalValues(value, expected) === true
  return same || bothNaN ? undefined : `${show(value)}, not ${show(expected)}`
}

test('of the official cases of CEL that apply at least 99 % pass', (context) => {
  const reasons = new Map<string, number>()
  const faults: string[] = []
  let applied = 0
  const visit = (suite: Suite, path: readonly string[]) => {
    for (const { original } of suite.tests ?? []) {
      const place = [...path, original.name]
      const reason = reasonToExclude(place, original)
      if (reason !== undefined) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
        continue
      }
      applied++
      const fault = faultOf(original)
      if (fault !== undefined) faults.push(`${place.join('/')}: ${original.expr}: ${fault}`)
    }
    for (const inner of suite.suites ?? []) visit(inner, [...path, inner.name])
  }
  visit(tests as Suite, [])
  context.diagnostic(`${applied - faults.length} of ${applied} official cases of CEL pass`)
  for (const [reason, count] of reasons) context.diagnostic(`${count} do not apply: ${reason}`)
  for (const fault of faults) context.diagnostic(fault)
  assert.ok(applied > 1200, `${applied} cases`)
  assert.ok(faults.length <= applied * 0.01, faults.join('\n'))
})

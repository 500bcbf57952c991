import type { StructTypes } from '../../../machinery/cel/environment.ts'
import { dynType, type Type } from '../../../machinery/cel/type.ts'
import { apiVersionOf, type GroupVersionKind } from '../../../machinery/meta/object.ts'
import { declareType, nameTypes } from '../../../machinery/schema/expressions/declared-type.ts'
import type { JsonSchema } from '../../../machinery/schema/values/json-schema.ts'
import type { ExpressionWarning, ValidatingAdmissionPolicy } from '../../types.generated.ts'
import { returns } from './compile-expression.ts'
import { PolicyCompiler } from './policy-compiler.ts'

/** A kind that a policy is about, and what its objects look like. */
export interface KnownKind extends GroupVersionKind {
  readonly schema: JsonSchema
}

/**
 * Compiles the validations of a policy against the types of what it matches, one after the other, and tells what does
 * not (apiserver pkg/admission/plugin/policy/validating/typechecking.go). `params`: absent where their kind is unknown.
 */
export function checkPolicyTypes(
  { spec = {} }: ValidatingAdmissionPolicy,
  kinds: readonly KnownKind[],
  params: KnownKind | undefined,
): ExpressionWarning[] {
  const compilers = kinds.map((kind) => ({ kind, compiler: compilerFor(spec, kind, params) }))
  const warningsOf = (expression: string | undefined, fieldRef: string): ExpressionWarning[] => {
    if (!expression) return []
    const found = compilers.flatMap(({ kind, compiler }) => {
      const { issues } = compiler.compile(expression, returns.anything, { authorizer: true })
      return issues === undefined ? [] : [`${apiVersionText(kind)}, Kind=${kind.kind}: ${issues}\n`]
    })
    return found.length === 0 ? [] : [{ fieldRef, warning: found.join('\n') }]
  }
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => [
    ...warningsOf(expression, `spec.validations[${index}].expression`),
    ...warningsOf(messageExpression, `spec.validations[${index}].messageExpression`),
  ])
}

/** Go's GroupVersion in a GroupVersionKind: the core group is written, too. */
const apiVersionText = (kind: GroupVersionKind) => (kind.group === '' ? `/${kind.version}` : apiVersionOf(kind))

type Spec = NonNullable<ValidatingAdmissionPolicy['spec']>

function compilerFor(spec: Spec, kind: KnownKind, params: KnownKind | undefined): PolicyCompiler {
  const object = typeOf(kind)
  const parameters = params && typeOf(params)
  const compiler = new PolicyCompiler('stored', {
    params: spec.paramKind !== undefined,
    types: {
      object: object.type,
      params: parameters?.type ?? dynType,
      structs: [object, parameters].flatMap((known) => known?.structs ?? []),
    },
  })
  for (const { name, expression } of spec.variables ?? []) compiler.addVariable(name, expression)
  return compiler
}

function typeOf({ kind, schema }: KnownKind): { readonly type: Type; readonly structs?: StructTypes } {
  const declared = declareType(schema, true)
  return declared === undefined ? { type: dynType } : nameTypes(declared, `${kind}1`)
}

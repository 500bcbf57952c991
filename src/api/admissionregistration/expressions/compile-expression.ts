import type { Environment } from '../../../machinery/cel/environment.ts'
import { kubernetesCosts } from '../../../machinery/cel/libraries/kubernetes-cost.ts'
import { perCallLimit } from '../../../machinery/cel/libraries/kubernetes.ts'
import { compile, PlanError, Program } from '../../../machinery/cel/program.ts'
import { CompileError } from '../../../machinery/cel/source.ts'
import {
  boolType,
  dynType,
  listOf,
  mapOf,
  nullType,
  sameType,
  stringType,
  type Type,
  typeText,
} from '../../../machinery/cel/type.ts'
import { applyObjectType, jsonPatchType } from './patch-types.ts'

/** What expressions at a place may evaluate to. */
export const returns = {
  condition: [boolType],
  message: [stringType],
  auditAnnotation: [stringType, nullType],
  jsonPatch: [listOf(jsonPatchType)],
  applyConfiguration: [applyObjectType],
  /** A variable is whatever it is. */
  anything: undefined,
} as const
export type Returns = (typeof returns)[keyof typeof returns]

/** An expression, compiled or not. */
export interface CompiledExpression {
  readonly expression: string
  readonly program?: Program
  readonly outputType?: Type
  /** Why it cannot be evaluated, in upstream's words (apiserver pkg/admission/plugin/cel/compile.go). */
  readonly error?: string
  /** The issues alone, when the expression does not compile. */
  readonly issues?: string
  /** It could not be made a program: upstream calls that an internal error. */
  readonly internal?: boolean
}

const costs = kubernetesCosts()

export function compileExpression(expression: string, environment: Environment, wanted: Returns): CompiledExpression {
  try {
    const checked = compile(expression, environment)
    const { outputType } = checked
    if (wanted !== undefined && !wanted.some((type) => sameType(type, outputType))) {
      const names = wanted.map(typeText)
      const expected = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`
      return { expression, error: `must evaluate to ${expected} but got ${typeText(outputType)}` }
    }
    return { expression, outputType, program: new Program(checked, environment, costs, perCallLimit) }
  } catch (error) {
    if (error instanceof CompileError)
      return { expression, error: `compilation failed: ${error.message}`, issues: error.message }
    if (error instanceof PlanError)
      return { expression, error: `program instantiation failed: ${error.message}`, internal: true }
    throw error
  }
}

const declarable = new Set(['any', 'bool', 'bytes', 'double', 'duration', 'int', 'null', 'string', 'timestamp', 'uint'])

/** The type that a composed variable is declared with: what has no simple form is dyn. */
export function declaredType(type: Type | undefined): Type {
  if (type === undefined) return dynType
  if (declarable.has(type.kind)) return type
  if (type.kind === 'list') return listOf(declaredType(type.params[0]))
  return type.kind === 'map' ? mapOf(declaredType(type.params[0]), declaredType(type.params[1])) : dynType
}

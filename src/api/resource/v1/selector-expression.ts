import { declaredStructs } from '../../../machinery/cel/declared-structs.ts'
import { extendEnvironment, type Environment } from '../../../machinery/cel/environment.ts'
import type { Estimate } from '../../../machinery/cel/cost/estimate.ts'
import type { CostNode } from '../../../machinery/cel/cost/cost-model.ts'
import { bindingsLibrary } from '../../../machinery/cel/libraries/bindings.ts'
import { kubernetesCosts } from '../../../machinery/cel/libraries/kubernetes-cost.ts'
import { newExpressions, storedExpressions } from '../../../machinery/cel/libraries/kubernetes.ts'
import { quantityType } from '../../../machinery/cel/libraries/kubernetes-values.ts'
import { compile, estimateCost } from '../../../machinery/cel/program.ts'
import { CompileError } from '../../../machinery/cel/source.ts'
import {
  anyType,
  boolType,
  dynType,
  mapOf,
  objectType,
  sameType,
  stringType,
  type Type,
  typeText,
} from '../../../machinery/cel/type.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'

/** Expressions that select devices (k8s.io/dynamic-resource-allocation cel/compile.go). */

const maxLength = 10 * 1024
/** What an expression may cost, by its estimate and when it is evaluated. */
export const maxSelectorCost = 1_000_000

const capacity = mapOf(stringType, mapOf(stringType, quantityType))
const deviceType = (attribute: Type) => ({
  driver: stringType,
  allowMultipleAllocations: boolType,
  attributes: mapOf(stringType, mapOf(stringType, attribute)),
  capacity,
})

/** The most that there can be of what a path names; after the name of the map, a domain and an identifier. */
const maxDomain = 63n
const maxIdentifier = 32n
const maxEntries = 32n
const maxValue = 64n

function sizeOf({ path }: CostNode): Estimate | undefined {
  if (path?.[0] !== 'device') return undefined
  const max = maxSizeOf(path.slice(1))
  return max === undefined ? undefined : { min: 0n, max }
}

function maxSizeOf([member, ...steps]: readonly string[]): bigint | undefined {
  if (member === 'driver') return steps.length === 0 ? maxDomain : undefined
  if (member === 'allowMultipleAllocations') return steps.length === 0 ? 1n : undefined
  if (member !== 'attributes' && member !== 'capacity') return member === undefined ? 0n : undefined
  const [domain, identifier, ...others] = steps
  if (domain === undefined) return maxEntries
  if (domain === '@keys') return identifier === undefined ? maxDomain : undefined
  if (domain !== '@values' && domain !== '@items') return undefined
  if (identifier === undefined) return maxEntries
  if (identifier === '@keys') return others.length === 0 ? maxIdentifier : undefined
  // Attributes have the same size whatever their name is.
  if (identifier !== '@values' && identifier !== '@items' && member === 'capacity') return undefined
  return others.length === 0 ? (member === 'attributes' ? maxValue : 0n) : undefined
}

const environmentFor = (base: Environment, attribute: Type): Environment =>
  extendEnvironment(base, {
    libraries: [bindingsLibrary],
    variables: [['device', objectType('kubernetes.DRADevice')]],
    structs: declaredStructs({ 'kubernetes.DRADevice': deviceType(attribute) }),
  })
let known: Environment | undefined
const environment = (): Environment => (known ??= environmentFor(newExpressions, anyType))
let stored: Environment | undefined
/** For expressions that an API server took before: attributes may be lists, whatever is on here. */
export const storedSelectors = (): Environment => (stored ??= environmentFor(storedExpressions, dynType))
export const selectorCosts = kubernetesCosts(sizeOf)

export function checkSelectorExpression(expression: string, field: string): FieldError[] {
  if (byteLength(expression) > maxLength) return [fieldErrors.tooLong(field, '', maxLength)]
  try {
    const checked = compile(expression, environment())
    const { outputType } = checked
    if (!sameType(outputType, boolType) && !sameType(outputType, anyType)) {
      const detail = `must evaluate to bool or the unknown type, not ${typeText(outputType)}`
      return [fieldErrors.invalid(field, expression, detail)]
    }
    const tooComplex = estimateCost(checked, environment(), selectorCosts).max > BigInt(maxSelectorCost)
    return tooComplex ? [fieldErrors.forbidden(field, 'too complex, exceeds cost limit')] : []
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return [fieldErrors.invalid(field, expression, `compilation failed: ${error.message}`)]
  }
}

import { isObject } from '../json.ts'
import { JsonPathError, type Operand, type Operator, type PathStep } from './parse.ts'

/** All values that a path finds, in order; what is missing gives none. */
export function findAll(steps: readonly PathStep[], root: unknown): unknown[] {
  return steps.reduce<unknown[]>((values, step) => values.flatMap((value) => apply(step, value)), [root])
}

function apply(step: PathStep, value: unknown): unknown[] {
  switch (step.type) {
    case 'field':
      return isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []
    case 'index': {
      if (!Array.isArray(value)) return []
      const at = step.index < 0 ? value.length + step.index : step.index
      return at >= 0 && at < value.length ? [value[at]] : []
    }
    case 'slice':
      return Array.isArray(value) ? slice(value, step.from, step.to, step.step) : []
    case 'wildcard':
      return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
    case 'descend':
      return [value, ...descendants(value)]
    case 'union':
      return step.steps.flatMap((one) => apply(one, value))
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => holds(step.left, step.operator, step.right, item)) : []
  }
}

function slice(list: readonly unknown[], from = 0, to = list.length, step: number): unknown[] {
  if (step <= 0) throw new JsonPathError('step must be > 0')
  const start = from < 0 ? list.length + from : from
  const end = Math.min(to < 0 ? list.length + to : to, list.length)
  return list.filter((_item, index) => index >= start && index < end && (index - start) % step === 0)
}

function descendants(value: unknown): unknown[] {
  const children = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  return children.flatMap((child) => [child, ...descendants(child)])
}

function holds(left: Operand, operator: Operator, right: Operand | undefined, item: unknown): boolean {
  const a = valueOf(left, item)
  if (operator === 'exists') return a !== undefined
  const b = right && valueOf(right, item)
  if (a === undefined || b === undefined) return false
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return (a as number) < (b as number)
    case '<=':
      return (a as number) <= (b as number)
    case '>':
      return (a as number) > (b as number)
    case '>=':
      return (a as number) >= (b as number)
  }
}

function valueOf(operand: Operand, item: unknown): unknown {
  return operand.type === 'literal' ? operand.value : findAll(operand.steps, item)[0]
}

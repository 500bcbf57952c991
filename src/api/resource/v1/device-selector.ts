import { nativeValue } from '../../../machinery/cel/native-value.ts'
import { QuantityValue, SemverValue } from '../../../machinery/cel/libraries/kubernetes-values.ts'
import { compile, PlanError, Program } from '../../../machinery/cel/program.ts'
import { CompileError } from '../../../machinery/cel/source.ts'
import { boolType, dynType, sameType, typeText } from '../../../machinery/cel/type.ts'
import { CelError, ListValue, MapValue, type Value, valueType } from '../../../machinery/cel/value.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import { parseVersion, versionText } from '../../../machinery/semantic-version.ts'
import type { Device, DeviceAttribute } from '../../types.generated.ts'
import { maxSelectorCost, selectorCosts, storedSelectors } from './selector-expression.ts'

/** Why an expression could not be compiled, or not be evaluated for a device; in upstream's words. */
export class DeviceExpressionError extends Error {
  override readonly name = 'DeviceExpressionError'
}

/** What expressions see of a device. The driver is the domain of names that have none. */
export type DeviceView = Pick<Device, 'attributes' | 'capacity' | 'allowMultipleAllocations'>

export interface DeviceExpression {
  /** Whether a selector takes the device. Throws DeviceExpressionError. */
  matches(driver: string, device: DeviceView): boolean
  /** What a derived attribute is for the device. Throws DeviceExpressionError. */
  derive(driver: string, device: DeviceView): DeviceAttribute
}

/** Compiles a stored expression (k8s.io/dynamic-resource-allocation cel/compile.go). Throws DeviceExpressionError. */
export function compileDeviceExpression(text: string, returns: 'bool' | 'attribute' = 'bool'): DeviceExpression {
  const program = programOf(text, returns)
  const evaluate = (driver: string, device: DeviceView): Value => {
    const variable = new Names([
      ['driver', driver],
      ['allowMultipleAllocations', device.allowMultipleAllocations ?? false],
      ['attributes', byDomain(driver, device.attributes ?? {}, attributeValue)],
      ['capacity', byDomain(driver, device.capacity ?? {}, ({ value }) => new QuantityValue(parseQuantity(value)))],
    ])
    const { value } = program.evaluate((name) => (name === 'device' ? variable : undefined))
    if (value instanceof CelError)
      throw new DeviceExpressionError(returns === 'bool' ? withHint(value.message) : value.message)
    return value
  }
  return {
    matches(driver, device) {
      const value = evaluate(driver, device)
      if (typeof value === 'boolean') return value
      const type = valueType(value).name
      const why =
        value instanceof ListValue
          ? "type conversion error from list to 'bool'"
          : type === 'string'
            ? "unsupported native conversion from string to 'bool'"
            : `unsupported type conversion from '${type}' to bool`
      throw new DeviceExpressionError(`CEL result of type ${type} could not be converted to bool: ${why}`)
    },
    derive: (driver, device) => asAttribute(evaluate(driver, device)),
  }
}

function programOf(text: string, returns: 'bool' | 'attribute'): Program {
  const environment = storedSelectors()
  try {
    const checked = compile(text, environment)
    const { outputType } = checked
    if (returns === 'bool' && !sameType(outputType, boolType) && !sameType(outputType, dynType))
      throw new DeviceExpressionError(`must evaluate to bool or the unknown type, not ${typeText(outputType)}`)
    return new Program(checked, environment, selectorCosts, maxSelectorCost)
  } catch (error) {
    if (error instanceof CompileError) throw new DeviceExpressionError(`compilation failed: ${error.message}`)
    if (error instanceof PlanError) throw new DeviceExpressionError(`program instantiation failed: ${error.message}`)
    throw error
  }
}

/** cel/errors.go EnhanceRuntimeError. */
function withHint(message: string): string {
  if (!message.includes('no such key:')) return message
  return `${message}. consider using CEL optional chaining (.? followed by orValue()) or guarding the check with has() for optional fields`
}

/** Values by name. With a default it finds that for any other name, though it does not hold it. */
class Names extends MapValue {
  readonly #values: ReadonlyMap<unknown, Value>
  readonly #otherwise: Value | undefined
  constructor(values: Iterable<readonly [string, Value]>, otherwise?: Value) {
    super()
    this.#values = new Map(values)
    this.#otherwise = otherwise
  }
  get size(): number {
    return this.#values.size
  }
  find(key: Value): Value | undefined {
    return this.#values.get(key) ?? this.#otherwise
  }
  keys(): Iterable<Value> {
    return this.#values.keys() as Iterable<string>
  }
  override contains(key: Value): boolean {
    return this.#values.has(key)
  }
}
const nothing = new Names([])

function byDomain<Item>(
  driver: string,
  items: Readonly<Record<string, Item>>,
  valueOf: (item: Item, name: string) => Value,
): Names {
  const domains = new Map<string, [string, Value][]>()
  for (const [name, item] of Object.entries(items)) {
    const slash = name.indexOf('/')
    const domain = slash < 0 ? driver : name.slice(0, slash)
    const entries = domains.get(domain) ?? []
    domains.set(domain, entries)
    entries.push([name.slice(slash + 1), valueOf(item, name)])
  }
  return new Names(
    [...domains].map(([domain, entries]) => [domain, new Names(entries)] as const),
    nothing,
  )
}

function attributeValue(attribute: DeviceAttribute, name: string): Value {
  const { ints, bools, strings, versions, int, bool, string, version } = attribute
  const list = ints ?? bools ?? strings
  if (list !== undefined) return nativeValue(list)
  if (versions !== undefined) return new Values(versions.map((each) => versionValue(each, name)))
  if (int !== undefined) return BigInt(int)
  const scalar = bool ?? string
  if (scalar !== undefined) return scalar
  if (version !== undefined) return versionValue(version, name)
  throw new DeviceExpressionError(`attribute ${name}: unsupported attribute value`)
}

function versionValue(text: string, name: string): Value {
  try {
    return new SemverValue(parseVersion(text))
  } catch (error) {
    throw new DeviceExpressionError(`attribute ${name}: parse semantic version: ${(error as Error).message}`)
  }
}

class Values extends ListValue {
  readonly #items: readonly Value[]
  constructor(items: readonly Value[]) {
    super()
    this.#items = items
  }
  get size(): number {
    return this.#items.length
  }
  at(index: number): Value {
    return this.#items[index]!
  }
}

function asAttribute(value: Value): DeviceAttribute {
  if (typeof value === 'boolean') return { bool: value }
  if (typeof value === 'bigint') return { int: Number(value) }
  if (typeof value === 'string') return { string: value }
  if (value instanceof SemverValue) return { version: versionText(value.version) }
  if (value instanceof ListValue) {
    const items = [...value].map(asAttribute)
    const all = <Key extends 'bool' | 'int' | 'string' | 'version'>(key: Key) => items.map((item) => item[key]!)
    const [first] = items
    if (first !== undefined && items.every((item) => Object.keys(item)[0] === Object.keys(first)[0])) {
      if (first.bool !== undefined) return { bools: all('bool') }
      if (first.int !== undefined) return { ints: all('int') }
      if (first.string !== undefined) return { strings: all('string') }
      return { versions: all('version') }
    }
  }
  throw new DeviceExpressionError(`unsupported CEL return type: ${typeText(valueType(value))}`)
}

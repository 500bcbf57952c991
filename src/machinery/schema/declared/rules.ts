import type { FieldError } from '../../field-error.ts'
import { isObject, jsonEqual } from '../../json.ts'
import { checks, matcher, type Check, type Checked } from './checks.ts'

/**
 * Validation that is declared with types (KEP-5073), as a table by type. A type is a list of steps, each a list: first
 * the member it is about (`''` the value itself, `.` a struct that is embedded; at the end `*` for a pointer, `[]` for
 * a list or map), then its checks in order:
 *
 *   `@Feature:` before all else: only where the feature is on; `@-Feature:`: where it is off
 *   `!` stops the member's further checks on a fault; `?` before it: the fault itself is not reported (rehearsed)
 *   `name=argument` a check of checks.ts; `&Type` the rules of a type, of the same package when it has no dot
 *   `[name]&Type` for each item, which replaces the old one of the same name (`[=]` of the same value, `[]` of none)
 *   `{}&Type` for each value of a map, `{keys}check` for each key, reported at the map
 *   `["name", …]` checks of a member of the value, with short circuits of their own
 *
 * What an update leaves unchanged is not checked again.
 */
export type DeclaredItem = string | readonly string[]
export type DeclaredStep = readonly DeclaredItem[]
export type DeclaredTypes = Readonly<Record<string, readonly DeclaredStep[]>>

/** Answers what is wrong with a value of the type; `old` undefined for a create. */
export type DeclaredRules = (
  value: object,
  old: object | undefined,
  enabled: (feature: string) => boolean,
) => FieldError[]

type Rule = (checked: Checked) => FieldError[]

export function declaredRules(types: DeclaredTypes, name: string): DeclaredRules {
  const compiled = new Map<string, Rule>()

  const typeRule = (type: string): Rule => {
    const known = compiled.get(type)
    if (known) return known
    let rule: Rule | undefined
    const lazy: Rule = (checked) => (rule ??= compileType(type))(checked)
    compiled.set(type, lazy)
    return lazy
  }

  const compileType = (type: string): Rule => {
    const alias = type.slice(0, type.lastIndexOf('.'))
    const steps = types[type]!.map((step) => compileStep(alias, step))
    return (checked) => steps.flatMap((step) => step(checked))
  }

  const compileStep = (alias: string, [header, ...items]: DeclaredStep): Rule => {
    const sequence = compileSequence(alias, items)
    if (header === '') return sequence
    const [, member, mark] = /^(.*?)(\*|\[\])?$/.exec(header as string)!
    const form = mark === undefined ? 'value' : mark === '*' ? 'pointer' : 'collection'
    const embedded = member === '.'
    return ({ value, old, path, isUpdate, enabled }) => {
      const read = (object: unknown) => (embedded ? object : isObject(object) ? object[member!] : undefined)
      const next = read(value)
      const before = read(old)
      if (isUpdate && isObject(old) && jsonEqual(next, before)) return []
      return sequence({
        value: next,
        old: before,
        path: embedded ? path : path === '' ? member! : `${path}.${member}`,
        isUpdate,
        form,
        enabled,
      })
    }
  }

  const compileSequence = (alias: string, items: readonly DeclaredItem[]): Rule => {
    const rules = items.map((item) => compileItem(alias, item))
    return (checked) => {
      const errors: FieldError[] = []
      let stopped = false
      for (const { rule, stops, silent, circuit, holds } of rules) {
        if (holds && !holds(checked.enabled)) continue
        // All short circuits are asked before the first of the others is not.
        if (stopped && !circuit) break
        const found = rule(checked)
        if (found.length > 0 && stops) stopped = true
        if (!silent) errors.push(...found)
      }
      return errors
    }
  }

  interface Compiled {
    readonly rule: Rule
    readonly stops: boolean
    readonly silent: boolean
    readonly circuit: boolean
    readonly holds?: (enabled: Checked['enabled']) => boolean
  }

  const compileItem = (alias: string, item: DeclaredItem): Compiled => {
    if (typeof item !== 'string') {
      const rule = compileStep(alias, item)
      return { rule, stops: false, silent: false, circuit: false }
    }
    const [, off, feature, rehearsed, stops, body] = /^(?:@(-)?(\w+):)?(\?)?(!)?(.*)$/.exec(item)!
    return {
      rule: compileCheck(alias, body!),
      stops: stops !== undefined,
      silent: rehearsed !== undefined || body === 'optional',
      circuit: stops !== undefined,
      ...(feature !== undefined && { holds: (enabled) => enabled(feature) === (off === undefined) }),
    }
  }

  const compileCheck = (alias: string, body: string): Rule => {
    const [, each, target] = /^(\[[^\]]*\]|\{\w*\})?(.*)$/.exec(body)!
    const rule = target!.startsWith('&') ? compileReference(alias, target!.slice(1)) : namedCheck(target!)
    if (each === undefined) return rule
    if (each.startsWith('[')) return eachItem(rule, each.slice(1, -1))
    return each === '{keys}' ? eachKey(rule) : eachValue(rule)
  }

  const compileReference = (alias: string, name: string): Rule => {
    const type = name.includes('.') ? name : `${alias}.${name}`
    const rule = typeRule(type)
    // The rules of a struct that is a value in Go see one that is absent as empty.
    const ofStruct = types[type]!.some(([header]) => header !== '')
    return (checked) => {
      const { value } = checked
      return rule(ofStruct && !isObject(value) ? { ...checked, value: {} } : checked)
    }
  }

  const root = typeRule(name)
  return (value, old, enabled) => root({ value, old, path: '', isUpdate: old !== undefined, form: 'value', enabled })
}

function namedCheck(text: string): Check {
  const [, name, argument = ''] = /^(\w+)(?:=(.*))?$/.exec(text)!
  const check = checks[name!]
  if (check === undefined) throw new Error(`no declared check is called ${name}`)
  return check(argument)
}

function eachItem(rule: Rule, keys: string): Rule {
  const same = keys === '' ? undefined : matcher(keys)
  return ({ value, old, path, isUpdate, enabled }) => {
    if (!Array.isArray(value)) return []
    const before: readonly unknown[] = Array.isArray(old) ? old : []
    return value.flatMap((item: unknown, index) => {
      const replaced = same === undefined ? undefined : before.find((each) => same(each, item))
      if (isUpdate && replaced !== undefined && jsonEqual(item, replaced)) return []
      return rule({ value: item, old: replaced, path: `${path}[${index}]`, isUpdate, form: 'value', enabled })
    })
  }
}

function eachValue(rule: Rule): Rule {
  return ({ value, old, path, isUpdate, enabled }) => {
    if (!isObject(value)) return []
    return Object.keys(value).flatMap((key) => {
      const replaced = isObject(old) ? old[key] : undefined
      if (isUpdate && replaced !== undefined && jsonEqual(value[key], replaced)) return []
      return rule({ value: value[key], old: replaced, path: `${path}[${key}]`, isUpdate, form: 'value', enabled })
    })
  }
}

function eachKey(rule: Rule): Rule {
  return ({ value, old, path, isUpdate, enabled }) => {
    if (!isObject(value)) return []
    return Object.keys(value).flatMap((key) =>
      isUpdate && isObject(old) && Object.hasOwn(old, key)
        ? []
        : rule({ value: key, old: undefined, path, isUpdate, form: 'value', enabled }),
    )
  }
}

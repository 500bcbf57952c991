import type { Library } from '../environment.ts'
import { bind, type Macro, MacroError } from '../macro.ts'

/** `cel.bind(name, value, expression)`: the value is computed once (cel-go ext/bindings.go). */
const bindMacro: Macro = {
  name: 'bind',
  argCount: 3,
  member: true,
  expand(make, target, [variable, init, result]) {
    if (target?.node.kind !== 'ident' || target.node.name !== 'cel') return undefined
    if (variable?.node.kind !== 'ident') {
      throw new MacroError(variable!, 'cel.bind() variable names must be simple identifiers')
    }
    return bind(make, variable.node.name, init!, result!)
  },
}

export const bindingsLibrary: Library = { macros: [bindMacro] }

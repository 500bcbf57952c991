import type { KubeObject } from '../../machinery/meta/object.ts'

/** Whether the object is selected by the selectors of a list or watch, as far as tests need them. */
export function selectedBy(
  object: KubeObject,
  options: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string },
): boolean {
  if (options.namespace && object.metadata.namespace !== options.namespace) return false
  return labelsMatch(object.metadata.labels ?? {}, options.labelSelector) && fieldsMatch(object, options.fieldSelector)
}

function labelsMatch(labels: Readonly<Record<string, string>>, selector = ''): boolean {
  for (const requirement of selector.split(/,(?![^(]*\))/)) {
    const text = requirement.trim()
    if (text === '') continue
    const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text)
    if (set) {
      const value = labels[set[1]!]
      const values = set[3]!.split(',').map((item) => item.trim())
      const inside = value !== undefined && values.includes(value)
      if (inside !== (set[2] === 'in')) return false
      continue
    }
    const equality = /^([^!=\s]+)\s*(==|=|!=)\s*(.*)$/.exec(text)
    if (equality) {
      if ((labels[equality[1]!] === equality[3]) !== (equality[2] !== '!=')) return false
    } else if (text.startsWith('!') ? labels[text.slice(1)] !== undefined : labels[text] === undefined) return false
  }
  return true
}

function fieldsMatch(object: KubeObject, selector = ''): boolean {
  for (const requirement of selector.split(',')) {
    if (requirement === '') continue
    const [, path = '', operator, wanted] = /^([^!=]+)(==|=|!=)(.*)$/.exec(requirement) ?? []
    let value: unknown = object
    for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part]
    if ((String(value ?? '') === wanted) !== (operator !== '!=')) return false
  }
  return true
}

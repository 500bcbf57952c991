import { dirname, join, normalize } from 'node:path'
import type { SourceFile } from './source-files.ts'

/**
 * Files that import each other, directly or by way of others, cannot be read one after the other: one message per circle, each
 * with the imports that close it. Types count, for they are read too. Tests may look at whom they test.
 */
export function checkCircles(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]))
  return connected(imports)
    .filter((members) => members.length > 1)
    .map((members) => {
      const ties = members.flatMap((from) =>
        imports
          .get(from)!
          .filter((to) => members.includes(to))
          .map((to) => `  ${from} -> ${to}`),
      )
      return [`${members.length} files import each other in a circle:`, ...ties.sort()].join('\n')
    })
}

/** Imports that are asked for while a program runs (`import(…)`) tie no files: each is whole without the other. */
function importsOf({ path, text }: SourceFile): readonly string[] {
  const found = text.matchAll(/^(?:import|export)\s[^'"]*?from '(\.[^']+)'/gm)
  return [...found].map((match) => normalize(join(dirname(path), match[1]!)))
}

/** Strongly connected components of a graph (Tarjan 1972). */
function connected(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const path: string[] = []
  const onPath = new Set<string>()
  const components: string[][] = []
  const visit = (node: string) => {
    order.set(node, order.size)
    lowest.set(node, order.get(node)!)
    path.push(node)
    onPath.add(node)
    for (const next of graph.get(node) ?? []) {
      if (!graph.has(next)) continue
      if (!order.has(next)) {
        visit(next)
        lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!))
      } else if (onPath.has(next)) lowest.set(node, Math.min(lowest.get(node)!, order.get(next)!))
    }
    if (lowest.get(node) !== order.get(node)) return
    const component = path.splice(path.indexOf(node))
    for (const member of component) onPath.delete(member)
    components.push(component)
  }
  for (const node of graph.keys()) if (!order.has(node)) visit(node)
  return components
}

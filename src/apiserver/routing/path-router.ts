import { methodNotAllowed } from '../../machinery/errors.ts'
import type { Answer } from '../answer.ts'
import type { RequestContext } from '../request-context.ts'

export type PathHandler = (context: RequestContext) => Promise<Answer> | Answer

/** Refuses every method but GET, as upstream's routes do; plain handlers of a path take any. */
export function onlyRead(handler: PathHandler): PathHandler {
  return (context) => {
    if (context.request.method !== 'GET') throw methodNotAllowed()
    return handler(context)
  }
}

interface Node {
  readonly children: Map<string, Node>
  exact?: PathHandler
  below?: PathHandler
}

/** Paths that are no resources: `/healthz`, `/version`, `/openapi/…`; the longest match wins. */
export class PathRouter {
  readonly #root: Node = { children: new Map() }

  /** `/livez/*` takes everything below `/livez/` as well; `/livez` only itself. */
  add(path: string, handler: PathHandler): void {
    const segments = path.split('/').filter((segment) => segment !== '')
    const wild = segments.at(-1) === '*'
    if (wild) segments.pop()
    let node = this.#root
    for (const segment of segments) {
      let child = node.children.get(segment)
      if (child === undefined) node.children.set(segment, (child = { children: new Map() }))
      node = child
    }
    if (wild) node.below = handler
    else node.exact = handler
  }

  find(segments: readonly string[]): PathHandler | undefined {
    let node = this.#root
    let below = node.below
    for (const segment of segments) {
      const child = node.children.get(segment)
      if (child === undefined) return below
      node = child
      below = node.below ?? below
    }
    return node.exact ?? below
  }

  paths(): string[] {
    const found: string[] = []
    const visit = (node: Node, path: string) => {
      if (node.exact !== undefined || node.below !== undefined) found.push(path || '/')
      for (const [segment, child] of node.children) visit(child, `${path}/${segment}`)
    }
    visit(this.#root, '')
    return found
  }
}

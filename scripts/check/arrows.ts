import { dirname, join, normalize } from 'node:path'
import type { SourceFile } from './source-files.ts'

/**
 * Which rooms a room may import from, beside itself: arrows point one way (docs/design/arrows.md). A room that is not
 * here, or an import that is not allowed, fails the check.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  machinery: [],
  api: ['machinery'],
  store: ['machinery'],
  client: ['api', 'machinery'],
  apiserver: ['api', 'machinery', 'store', 'client'],
  controllers: ['api', 'machinery', 'client'],
  scheduler: ['api', 'machinery', 'client'],
  kubelet: ['api', 'machinery', 'client'],
  proxy: ['api', 'machinery', 'client'],
  network: ['api', 'machinery', 'client'],
  dns: ['api', 'machinery', 'client'],
  ingress: ['api', 'machinery', 'client'],
  mesh: ['api', 'machinery', 'client'],
  metrics: ['api', 'machinery', 'client'],
  console: ['api', 'machinery', 'client'],
  cluster: [
    'api',
    'machinery',
    'store',
    'client',
    'apiserver',
    'controllers',
    'scheduler',
    'kubelet',
    'proxy',
    'network',
    'dns',
    'ingress',
    'mesh',
    'metrics',
    'console',
  ],
  testing: ['api', 'machinery', 'store', 'client', 'apiserver', 'controllers', 'scheduler', 'kubelet', 'cluster'],
  cli: ['api', 'machinery', 'client', 'cluster'],
}

/** Tests may start what their room talks to. */
const testArrows: readonly string[] = ['api', 'machinery', 'store', 'client', 'apiserver', 'testing', 'cluster']

const room = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1]

/** One message per import that goes against the arrows. */
export function checkArrows(files: readonly SourceFile[]): string[] {
  const problems: string[] = []
  for (const file of files) {
    const from = room(file.path)
    if (from === undefined) continue
    const allowed = arrows[from]
    if (allowed === undefined) {
      problems.push(`${file.path}: the room src/${from} is not in scripts/check/arrows.ts`)
      continue
    }
    for (const match of file.text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const target = normalize(join(dirname(file.path), match[1]!))
      const to = room(target)
      if (to === undefined || to === from || allowed.includes(to)) continue
      if (file.path.endsWith('.test.ts') && testArrows.includes(to)) continue
      problems.push(`${file.path}: ${from} must not import from ${to} (${match[1]})`)
    }
  }
  return problems
}

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export interface SourceFile {
  /** Relative to the repository: `src/store/store.ts`. */
  readonly path: string
  readonly text: string
}

/** Every TypeScript file that git tracks or would track, without generated ones. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...folders], {
    cwd: root,
    encoding: 'utf8',
  })
  return list
    .split('\n')
    .filter((path) => path.endsWith('.ts') && !path.includes('.generated.'))
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(join(root, path), 'utf8') }]
      } catch {
        return [] // tracked, but deleted in the working tree
      }
    })
}

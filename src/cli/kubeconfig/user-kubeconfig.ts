import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { dump, load } from 'js-yaml'
import { kubeconfigProblem, mergeKubeconfig, removeFromKubeconfig, type Kubeconfig } from './merge.ts'

/** Where kubectl looks: the first file of $KUBECONFIG, else ~/.kube/config. */
export function userKubeconfigPath(env: Readonly<Record<string, string | undefined>>): string {
  const listed = env['KUBECONFIG']?.split(':').find((path) => path !== '')
  return listed ?? join(env['HOME'] || homedir(), '.kube', 'config')
}

/** Throws an Error that says what is wrong with the file; the file is then as it was. */
function read(path: string): Kubeconfig {
  if (!existsSync(path)) return {}
  let config: unknown
  try {
    config = load(readFileSync(path, 'utf8')) ?? {}
  } catch (error) {
    throw new Error(`${path} is no valid YAML (${(error as Error).message.split('\n')[0]})`, { cause: error })
  }
  const problem = kubeconfigProblem(config)
  if (problem !== undefined) throw new Error(`${path} is no kubeconfig: ${problem}`)
  return config as Kubeconfig
}

/** Written beside and moved into place, through links, with the mode that the file has. */
function write(path: string, config: Kubeconfig): void {
  const target = existsSync(path) ? realpathSync(path) : path
  mkdirSync(dirname(target), { recursive: true, mode: 0o750 })
  const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o600
  writeFileSync(`${target}.skiff-new`, dump(config, { lineWidth: -1 }), { mode })
  renameSync(`${target}.skiff-new`, target)
}

export interface MergeResult {
  readonly path: string
  /** The context that kubectl uses without `--context`. */
  readonly currentContext: string
}

/** Adds the cluster's context to the user's kubeconfig. Throws when that file is broken, and leaves it alone. */
export function addToUserKubeconfig(path: string, added: Kubeconfig): MergeResult {
  const merged = mergeKubeconfig(read(path), added)
  write(path, merged)
  return { path, currentContext: String(merged['current-context'] ?? '') }
}

export function removeFromUserKubeconfig(path: string, added: Kubeconfig): void {
  if (existsSync(path)) write(path, removeFromKubeconfig(read(path), added))
}

export function parseKubeconfig(text: string): Kubeconfig {
  return load(text) as Kubeconfig
}

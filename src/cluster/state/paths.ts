import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where a cluster keeps what: everything is below one folder. */
export interface ClusterPaths {
  readonly root: string
  readonly settings: string
  readonly kubeconfig: string
  readonly pki: string
  readonly store: string
  /** Who runs, and on which port. */
  readonly state: string
  readonly lock: string
  readonly logs: string
  readonly nodes: string
  readonly images: string
  node(name: string): string
  log(component: string): string
}

export function clusterPaths(root: string): ClusterPaths {
  const at = (...parts: string[]) => join(root, ...parts)
  return {
    root,
    settings: at('settings.json'),
    kubeconfig: at('kubeconfig'),
    pki: at('pki'),
    store: at('store'),
    state: at('state.json'),
    lock: at('lock'),
    logs: at('logs'),
    nodes: at('nodes'),
    images: at('images'),
    node: (name) => at('nodes', name),
    log: (component) => at('logs', `${component}.log`),
  }
}

/** `--data-dir`, else $SKIFF_DATA_DIR, else the user's data folder (XDG Base Directory). */
export function dataFolder(flag: string, env: Readonly<Record<string, string | undefined>>): string {
  if (flag !== '') return resolve(flag)
  if (env['SKIFF_DATA_DIR']) return resolve(env['SKIFF_DATA_DIR'])
  return join(env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local', 'share'), 'skiff')
}

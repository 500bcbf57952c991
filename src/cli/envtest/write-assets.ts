import { accessSync, chmodSync, constants, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { packageFolder } from '../../machinery/program-files.ts'

const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`

/**
 * Fills a folder with the programs that envtest looks for in KUBEBUILDER_ASSETS. Returns whether kubectl, which is not of Skiff,
 * was found on `searchPath` and is among them.
 */
export function writeEnvtestAssets(folder: string, searchPath: string): { readonly hasKubectl: boolean } {
  mkdirSync(folder, { recursive: true })
  const program = (name: string, command: string) => {
    const file = join(folder, name)
    writeFileSync(file, `#!/bin/sh\n# Written by skiff envtest.\nexec ${command} "$@"\n`)
    chmodSync(file, 0o755)
  }
  program('kube-apiserver', `${quoted(join(packageFolder, 'skiff'))} apiserver --store memory`)
  const [withNode, etcd] = [join(packageFolder, 'scripts/with-node'), 'src/cli/envtest/etcd.ts']
  program('etcd', `${quoted(withNode)} ${etcd}`)
  const kubectl = searchPath
    .split(delimiter)
    .filter((entry) => entry !== '' && entry !== folder)
    .map((entry) => join(entry, 'kubectl'))
    .find(isExecutable)
  rmSync(join(folder, 'kubectl'), { force: true })
  if (kubectl !== undefined) symlinkSync(kubectl, join(folder, 'kubectl'))
  return { hasKubectl: kubectl !== undefined }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../../machinery/program-files.ts'
import { defineCommand } from '../command/command.ts'
import { stringFlag } from '../command/flags.ts'

export function skiffVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version
}

export const versionCommand = defineCommand({
  name: 'version',
  summary: 'Print the versions of Skiff and of the Kubernetes that it is.',
  flags: { output: stringFlag('How to print it.', { short: 'o', values: ['json', 'text'], default: 'text' }) },
  async run(flags, _args, { stdout }) {
    const { upstreamVersion } = await import('../../api/schema/facts.ts')
    const versions = { skiff: skiffVersion(), kubernetes: upstreamVersion, node: process.version }
    if (flags.output === 'json') stdout(`${JSON.stringify(versions, null, 2)}\n`)
    else stdout(`Skiff ${versions.skiff}\nKubernetes ${versions.kubernetes}\nNode.js ${versions.node}\n`)
    return 0
  },
})

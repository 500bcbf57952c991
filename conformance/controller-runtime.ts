/**
 * `npm run controller-runtime`: the tests of sigs.k8s.io/controller-runtime, unmodified, on the programs of `skiff envtest`. Needs
 * Go; the module comes through Go's proxy. Arguments are packages (default: all below ./pkg). Ends with `N packages passed, M failed`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { writeEnvtestAssets } from '../src/cli/envtest/write-assets.ts'

const version = 'v0.25.2'
/** These download an API server of 2023, to see how clients get on with one. */
const otherServers = '^(TestApiMachinery|TestLazyRestMapperProvider)$/aggregatedDiscovery=false'

const folder = mkdtempSync(join(tmpdir(), 'skiff-controller-runtime-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('SIGINT', () => process.exit(130))
const download = ['mod', 'download', '-json', `sigs.k8s.io/controller-runtime@${version}`]
const { Dir } = JSON.parse(execFileSync('go', download, { encoding: 'utf8', cwd: folder })) as { readonly Dir: string }
const source = join(folder, 'source')
cpSync(Dir, source, { recursive: true })
execFileSync('chmod', ['-R', 'u+w', source])
// A module carries no modes, but its tests run scripts.
execFileSync('find', [source, '-name', '*.sh', '-exec', 'chmod', 'u+x', '{}', '+'])
const assets = join(folder, 'assets')
writeEnvtestAssets(assets, process.env['PATH'] ?? '')

const packages = process.argv.length > 2 ? process.argv.slice(2) : ['./pkg/...']
const child = spawn('go', ['test', '-count=1', '-p', '1', '-timeout', '20m', '-skip', otherServers, ...packages], {
  cwd: source,
  env: { ...process.env, KUBEBUILDER_ASSETS: assets },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const counts = { passed: 0, failed: 0 }
for await (const line of createInterface({ input: child.stdout })) {
  if (line.startsWith('?')) continue
  console.log(line)
  if (line.startsWith('ok  ')) counts.passed++
  if (/^FAIL\s+\S/.test(line)) counts.failed++
}
console.log(`\n${counts.passed} packages passed, ${counts.failed} failed`)
if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1

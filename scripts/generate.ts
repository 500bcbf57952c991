// Writes what src/api takes from upstream: the facts table, the types of its definitions, and a file for each new kind.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printDeclaredRules, readDeclaredRules } from './generate/declared-rules.ts'
import { readDiscovery } from './generate/discovery.ts'
import { printFeatureGates, readFeatureGates } from './generate/feature-gates.ts'
import { withLifecycles } from './generate/lifecycles.ts'
import { upstreamModules, upstreamVersion } from './generate/modules.ts'
import { printInternalForms, readInternalForms } from './generate/internal-forms.ts'
import { readOpenApi } from './generate/openapi.ts'
import { readPackages } from './generate/packages.ts'
import { buildTable, printTable } from './generate/table.ts'

const modules = upstreamModules()
const kubernetes = modules.get('k8s.io/kubernetes')!
const { schemas: openApi, returnsDeleted } = readOpenApi(join(kubernetes, 'api/openapi-spec/v3'))
const discovery = readDiscovery(join(kubernetes, 'api/discovery'), returnsDeleted)
const packages = readPackages(modules, openApi.keys())
const resources = withLifecycles(discovery.resources, packages.values(), upstreamVersion)
const table = buildTable(upstreamVersion, packages, openApi, { ...discovery, resources })
const api = join(import.meta.dirname, '../src/api')
const text = printTable(table)
writeFileSync(join(api, 'schema/facts.generated.json'), text)
const declared = readDeclaredRules(kubernetes, packages.values(), (_, version) => /^v\d+$/.test(version))
writeFileSync(join(api, 'schema/declared-rules.generated.json'), printDeclaredRules(declared))
writeFileSync(
  join(api, 'schema/internal-forms.generated.json'),
  printInternalForms(readInternalForms(kubernetes, packages.values())),
)
const gates = readFeatureGates(modules, upstreamVersion)
writeFileSync(join(api, 'features/feature-gates.generated.json'), printFeatureGates(gates))

// The rest is derived from the table that was just written.
const { printTypes } = await import('./generate/types.ts')
const { kindFiles, writeKindFiles } = await import('./generate/kind-files.ts')
const { servedByDefault } = await import('../src/api/schema/facts.ts')
const optional = readDeclaredRules(kubernetes, packages.values(), (_, version) => !servedByDefault(version))
writeFileSync(join(api, 'schema/optional-declared-rules.generated.json'), printDeclaredRules(optional))
const types = printTypes(table)
writeFileSync(join(api, 'types.generated.ts'), types)
const created = writeKindFiles(api, table)

// What tests hold against upstream.
const { bundleFixtures } = await import('./generate/fixtures.ts')
const { documentDigests } = await import('./generate/document-digests.ts')
const { schemaOfKind } = await import('../src/api/schema/facts.ts')
const { parseApiVersion } = await import('../src/machinery/meta/object.ts')
const fixtures = bundleFixtures(join(modules.get('k8s.io/api')!, 'testdata'), (apiVersion, kind) => {
  const { group, version } = parseApiVersion(apiVersion)
  return schemaOfKind(group, version, kind) !== undefined
})
writeFileSync(join(api, 'schema/fixtures.generated.br'), fixtures)
const { bundlePodSecurityFixtures } = await import('./generate/pod-security-fixtures.ts')
const podSecurity = bundlePodSecurityFixtures(join(modules.get('k8s.io/pod-security-admission')!, 'test/testdata'))
writeFileSync(join(api, '../apiserver/admission/pod-security/fixtures.generated.br'), podSecurity)
const digests = JSON.stringify(documentDigests(kubernetes), undefined, 1)
writeFileSync(join(api, '../apiserver/openapi/document-digests.generated.json'), `${digests}\n`)

const definitions = Object.values(table.definitions).map((each) => Object.keys(each).length)
const served = kindFiles()
const count = (n: number, what: string) => console.log(`${String(n).padStart(7)}  ${what}`)
console.log(`facts of Kubernetes ${upstreamVersion}`)
count(table.groups.length, 'groups (with the core group)')
count(table.groups.flatMap(({ versions }) => versions).length, 'group versions')
count(table.resources.length, 'resources, of which')
count(served.length, '  served by default')
count(served.filter(({ facts }) => !facts.verbs.includes('get')).length, '  of these, virtual (create only)')
count(table.resources.flatMap(({ subresources = [] }) => subresources).length, 'subresources')
count(Object.keys(table.packages).length, 'Go packages')
count(
  definitions.reduce((sum, each) => sum + each, 0),
  'definitions, of which',
)
count(openApi.size, '  published in OpenAPI')
count(types.match(/^export (?:interface|type) /gm)!.length, 'TypeScript types')
count(Math.round(text.length / 1000), 'kB of facts')
count(Object.keys(declared.types).length, 'types with declared rules')
count(Object.keys(gates).length, 'feature gates')
count(created, 'new files of kinds')
count(Math.round(fixtures.length / 1000), 'kB of fixtures')

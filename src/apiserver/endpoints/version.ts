import type { Answer } from '../answer.ts'

/** What clients take the server for: the release whose API is served. */
export const kubernetesVersion = {
  major: '1',
  minor: '37',
  emulationMajor: '1',
  emulationMinor: '37',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '36',
  gitVersion: 'v1.37.1',
} as const

/** `/version` (apimachinery pkg/version). The build facts are ours. */
export function versionAnswer(build: { readonly gitCommit: string; readonly buildDate: string }): Answer {
  const version = {
    ...kubernetesVersion,
    gitCommit: build.gitCommit,
    gitTreeState: 'clean',
    buildDate: build.buildDate,
    goVersion: `node${process.versions.node}`,
    compiler: 'v8',
    platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  }
  // Indented, as upstream writes what is no object of the API (responsewriters.WriteRawJSON).
  return { type: 'raw', code: 200, contentType: 'application/json', body: JSON.stringify(version, null, 2) }
}

import type { BuildInfo } from '../../machinery/process-metrics.ts'
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

/** What is told of the version (apimachinery pkg/version). The build facts are ours. */
export function buildInfo(build: { readonly gitCommit: string; readonly buildDate: string }): BuildInfo {
  return {
    ...kubernetesVersion,
    gitCommit: build.gitCommit,
    gitTreeState: 'clean',
    buildDate: build.buildDate,
    goVersion: `node${process.versions.node}`,
    compiler: 'v8',
    platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  }
}

/** `/version` */
export function versionAnswer(version: BuildInfo): Answer {
  // Indented, as upstream writes what is no object of the API (responsewriters.WriteRawJSON).
  return { type: 'raw', code: 200, contentType: 'application/json', body: JSON.stringify(version, null, 2) }
}

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
  return {
    type: 'object',
    code: 200,
    object: {
      ...kubernetesVersion,
      gitCommit: build.gitCommit,
      gitTreeState: 'clean',
      buildDate: build.buildDate,
      goVersion: `node${process.versions.node}`,
      compiler: 'v8',
      platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    },
  }
}

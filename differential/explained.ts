import type { Difference } from './compare/differences.ts'

/** Differences that are right as they are, with the reason; everything else is a fault. */
export interface Explained {
  readonly reason: string
  /** Whether it explains this difference of a case. */
  explains(difference: Difference, kind: string, name: string): boolean
}

/** A release names the place by its package alone, which the kit's build from the module cache cannot. */
const schemePlace = /in scheme \\?"[\w./-]+:\d+\\?"/g
const withoutPlace = (value: unknown) => String(value).replace(schemePlace, 'in scheme')

export const explained: readonly Explained[] = [
  {
    reason: 'versions that no release serves any more are not told as decodable: nothing here is stored in them',
    explains: ({ path }) => /storageVersions\[\d+\]\.decodableVersions\[\d+\]$/.test(path),
  },
  {
    reason: 'columns are described in our own words: no sentences of upstream are copied',
    explains: ({ path }) => /columnDefinitions\[\d+\]\.description$/.test(path),
  },
  {
    reason: 'the place in the source of a scheme depends on where upstream was built; ours is the release’s',
    explains: ({ path, upstream, skiff }) =>
      path.endsWith('message') &&
      String(upstream).includes('in scheme') &&
      withoutPlace(upstream) === withoutPlace(skiff),
  },
  {
    reason: 'upstream’s handler panics on an indexed job without completions, and hangs up',
    explains: (_, kind, name) => kind === 'batch/v1 Job' && /spec\.completions (?:dropped|null)$/.test(name),
  },
  {
    reason: 'who built the server, when and from what',
    explains: ({ path }, _, name) =>
      name === '/version' && /\.(?:git\w+|buildDate|goVersion|compiler|platform)$/.test(path),
  },
  {
    reason: 'the issuer is configured as kubeadm does it',
    explains: ({ path }, _, name) => name === '/.well-known/openid-configuration' && path === 'body.issuer',
  },
  {
    reason: 'a path with empty segments or an encoded slash is refused outright (docs/design, wrong scope)',
    explains: ({ path, skiff }, kind, name) =>
      kind === 'protocol' && /two slashes|an odd name/.test(name) && (path !== 'status' || skiff === 400),
  },
]

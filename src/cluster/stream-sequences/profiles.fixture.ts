import type { Profile } from '../protocol-sequences/exchange.fixture.ts'
import { forms } from './sequences/forms.fixture.ts'
import { serverPaths } from './sequences/paths.fixture.ts'
import { compacted, manyWatches, watched } from './sequences/watched.fixture.ts'

export const profiles: readonly Profile[] = [
  { name: 'usual', flags: {}, sequences: [...forms, ...serverPaths, ...watched], inRealTime: true },
  // By themselves, for what they are told comes in time.
  { name: 'watches', flags: {}, sequences: manyWatches, inRealTime: true },
  { name: 'compacted', flags: { 'etcd-compaction-interval': 1 }, sequences: compacted, inRealTime: true },
]

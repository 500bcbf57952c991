import type { Profile } from './exchange.fixture.ts'
import { bodies } from './sequences/bodies.fixture.ts'
import { compaction, fairness, fewAtOnce, origin, stopping, timeouts } from './sequences/limits.fixture.ts'
import { lists } from './sequences/lists.fixture.ts'
import { methods } from './sequences/methods.fixture.ts'
import { negotiation } from './sequences/negotiation.fixture.ts'
import { upgrades } from './sequences/upgrades.fixture.ts'
import { conditional, warnings } from './sequences/warnings.fixture.ts'
import { watches } from './sequences/watches.fixture.ts'

export const profiles: readonly Profile[] = [
  {
    name: 'usual',
    flags: {},
    sequences: [...negotiation, ...methods, ...lists, ...watches, ...bodies, ...warnings, ...conditional, ...upgrades],
  },
  {
    name: 'limits',
    flags: {
      'request-timeout': 8,
      'max-requests-inflight': 1,
      'max-mutating-requests-inflight': 1,
      'cors-allowed-origins': ['^https?://a\\.example\\.com(:|$)'],
      'strict-transport-security-directives': ['max-age=31536000', 'includeSubDomains'],
      'etcd-compaction-interval': 1,
    },
    sequences: [...fairness, ...timeouts, ...origin, ...compaction],
    inRealTime: true,
  },
  {
    name: 'without fairness',
    flags: { 'enable-priority-and-fairness': false, 'max-requests-inflight': 1, 'max-mutating-requests-inflight': 1 },
    sequences: fewAtOnce,
    inRealTime: true,
  },
  {
    name: 'stopping',
    flags: { 'shutdown-delay-duration': 3, 'shutdown-send-retry-after': true },
    sequences: stopping,
    inRealTime: true,
  },
]

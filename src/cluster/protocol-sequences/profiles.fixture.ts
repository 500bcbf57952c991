import type { Profile } from './exchange.fixture.ts'
import { bodies } from './sequences/bodies.fixture.ts'
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
]

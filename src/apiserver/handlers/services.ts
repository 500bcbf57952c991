import type { ResourceDefinition } from '../../api/definition.ts'
import type { FeatureEnabled } from '../../api/features/feature-gates.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Random } from '../../machinery/random.ts'
import type { AdmissionChain } from '../admission/admission-chain.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { StoreFeed } from '../cache/store-feed.ts'
import type { KnownKind } from '../negotiation/decode-body.ts'

/** What handlers need of the server beside the resource. */
export interface HandlerServices {
  readonly feed: StoreFeed
  readonly clock: Clock
  readonly random: Random
  readonly admission: AdmissionChain
  readonly authorizer: Authorizer
  readonly isKnownKind: KnownKind
  /** Whether a feature of upstream's is on. */
  readonly enabled: FeatureEnabled
  /** Fills in the defaults of schema and kind. */
  readonly setDefaults: (definition: ResourceDefinition, draft: Draft<KubeObject>) => void
  readonly minRequestTimeoutSeconds: number
  /** How many objects are deleted at once when many are to go. */
  readonly deleteCollectionWorkers: number
  readonly onStop: (callback: () => void) => () => void
}

import { flowSchemas } from '../../api/flowcontrol/v1/flow-schema.ts'
import { priorityLevelConfigurations } from '../../api/flowcontrol/v1/priority-level-configuration.ts'
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from '../bootstrap/flow-control-facts.ts'
import type { Lister } from '../lister.ts'
import { FlowControlMetrics } from './flow-control-metrics.ts'
import { flowOf, inPrecedence, schemaMatches } from './classify.ts'
import type { Fairness, FairnessRequest, Seat } from './fairness.ts'
import { Overloaded } from './overloaded.ts'
import { RefusedRequests } from './refused-requests.ts'
import { PriorityLevels } from './priority-levels.ts'

/** --max-requests-inflight and --max-mutating-requests-inflight together. */
const defaultTotalSeats = 600
/** How often seats are shifted between levels (borrowingAdjustmentPeriod). */
const adjustmentMs = 10_000
const rememberedRequests = 4096

/** Follows the flow schemas and priority levels of the cluster; the mandatory ones hold before there are any. */
export function createFairness(options: {
  readonly lister: Lister
  readonly clock: Clock
  readonly totalSeats?: number
  /** How long a request waits for its turn at most; a quarter of the time that it may take. */
  readonly maxWaitMs?: number
}): Fairness {
  const { lister, clock, totalSeats = defaultTotalSeats, maxWaitMs } = options
  const levels = new PriorityLevels({ clock, totalSeats, maxWaitMs })
  let cancelAdjustment = () => {}
  const adjustLater = () => {
    cancelAdjustment = clock.after(adjustmentMs, () => {
      levels.adjust()
      adjustLater()
    })
  }
  adjustLater()
  const refused = new RefusedRequests(clock)
  const schemas = new Map<string, FlowSchema>()
  const configurations = new Map<string, PriorityLevelConfiguration>()
  const classified = new Map<string, FlowSchema>()
  let ordered: readonly FlowSchema[] | undefined
  let told: FlowControlMetrics | undefined

  // The change is taken in with the next request, however many come at once.
  const stops = [
    lister.watch(flowSchemas, ({ type, object }) => {
      ordered = undefined
      if (type === 'deleted') schemas.delete(object.metadata.name!)
      else schemas.set(object.metadata.name!, object)
    }),
    lister.watch(priorityLevelConfigurations, ({ type, object }) => {
      ordered = undefined
      if (type === 'deleted') configurations.delete(object.metadata.name!)
      else configurations.set(object.metadata.name!, object)
    }),
  ]

  function refresh(): readonly FlowSchema[] {
    classified.clear()
    const missing = <T extends FlowSchema | PriorityLevelConfiguration>(
      wanted: readonly T[],
      known: ReadonlyMap<string, T>,
    ) => wanted.filter(({ metadata }) => !known.has(metadata.name!))
    levels.configure([...configurations.values(), ...missing(mandatoryPriorityLevels, configurations)])
    return inPrecedence([...schemas.values(), ...missing(mandatoryFlowSchemas, schemas)]).filter(
      // One that refers to a level that is not there matches nothing.
      ({ spec }) => levels.get(spec.priorityLevelConfiguration.name) !== undefined,
    )
  }
  function classify(request: FairnessRequest): FlowSchema {
    ordered ??= refresh()
    const { user, verb, resourceRequest, apiGroup, resource, subresource, namespace, path } = request
    const what = resourceRequest ? `${apiGroup}/${resource}/${subresource}/${namespace}` : path
    const key = `${verb} ${what} ${user.name} ${user.groups.join(' ')}`
    let found = classified.get(key)
    if (found === undefined) {
      // The last one, catch-all, matches everybody.
      found = ordered.find((schema) => schemaMatches(schema, request)) ?? ordered.at(-1)!
      if (classified.size >= rememberedRequests) classified.clear()
      classified.set(key, found)
    }
    return found
  }

  return {
    admit(request) {
      const schema = classify(request)
      const name = schema.spec.priorityLevelConfiguration.name
      const { name: schemaName = '', uid = '' } = schema.metadata
      const seats = Math.min(request.seats ?? 1, levels.mostSeats(name))
      const asked = clock.monotonic()
      const classified = () => ({ flowSchemaUid: uid, priorityLevelUid: levels.get(name)?.metadata.uid ?? '' })
      const seat = (release: () => void): Seat => {
        const seated = clock.monotonic()
        const through = told?.began(schemaName, name, seats, (seated - asked) / 1000)
        return {
          classified: classified(),
          release() {
            through?.((clock.monotonic() - seated) / 1000)
            release()
          },
        }
      }
      const flow = `${schemaName} ${flowOf(schema, request)}`
      const taken = levels.take(name, flow, seats, (why) => {
        told?.rejected(schemaName, name, why)
        return new Overloaded(refused.refused(name), classified())
      })
      if (!(taken instanceof Promise)) return seat(taken)
      const waited = told?.waits(schemaName, name, seats)
      return taken.finally(waited).then(seat)
    },
    tellInto(metrics) {
      const seats = () => {
        ordered ??= refresh()
        return levels.seats()
      }
      told = new FlowControlMetrics(metrics, seats, () => levels.fairFraction)
    },
    stop() {
      cancelAdjustment()
      for (const stop of stops) stop()
    },
  }
}

import { cost } from '../cost/cost-model.ts'
import { byFactor, type Estimate, fixed, plus } from '../cost/estimate.ts'

/** Accessors and builders: one unit. */
export const nominal = new Set(
  (
    'serviceAccount path group resource subresource namespace name allowed reason error errored ' +
    'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast ' +
    'format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub ' +
    'major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery'
  ).split(' '),
)
/** What an authorization check costs: two of them in an expression are affordable. */
export const accessCheckCost = 350_000

/** The cost of parsing a selector: its requirements each are a struct and a list. */
export function selectorCost(length: Estimate): Estimate {
  const parse = byFactor(length, cost.stringTraversal)
  const requirements = byFactor(byFactor(length, 0.5), cost.createList + cost.createStruct)
  return plus(fixed(cost.createList), parse, requirements)
}

import { createEnvironment, type Environment, type Library } from '../environment.ts'
import { authorizerLibrary } from './authorizer.ts'
import { kubernetesListLibrary, includesLibrary } from './kubernetes-lists.ts'
import { listLibrary } from './lists.ts'
import { formatLibrary } from './named-formats.ts'
import { cidrLibrary, ipLibrary } from './network.ts'
import { optionalLibrary } from './optional.ts'
import { quantityLibrary } from './quantities.ts'
import { regexLibrary } from './regex.ts'
import { semverLibrary } from './semver.ts'
import { setLibrary } from './sets.ts'
import { literalCheckLibrary, standardLibrary } from './standard.ts'
import { stringLibrary } from './strings.ts'
import { twoVariableLibrary } from './two-variables.ts'
import { urlLibrary } from './urls.ts'

/** In the order in which upstream joins them: overloads of the same function are tried in it. */
const since136: readonly Library[] = [
  standardLibrary,
  urlLibrary,
  regexLibrary,
  authorizerLibrary,
  optionalLibrary,
  quantityLibrary,
  literalCheckLibrary,
  stringLibrary,
  setLibrary,
  ipLibrary,
  cidrLibrary,
  formatLibrary,
  twoVariableLibrary,
  semverLibrary,
  listLibrary,
]

/**
 * The environments of Kubernetes 1.37 (apiserver pkg/cel/environment): expressions that are written now may use what the
 * release before also knows; those that are stored may use everything.
 */
export const newExpressions: Environment = createEnvironment([...since136, kubernetesListLibrary])
export const storedExpressions: Environment = createEnvironment([...since136, kubernetesListLibrary, includesLibrary])

/** What one expression may cost at run time (apiserver pkg/apis/cel/config.go). */
export const perCallLimit = 1_000_000
/** What all expressions together may cost for one object. */
export const runtimeCostBudget = 10_000_000
/** The longest request, from which the sizes of unbounded values follow. */
export const maxRequestBytes = 3 * 1024 * 1024

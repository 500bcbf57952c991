import { goQuote } from '../../../machinery/field-error.ts'
import { isObject } from '../../../machinery/json.ts'
import { boolean, object, string, type ValueOf } from '../../options/config-shape.ts'

const policyShape = object({
  user: string,
  group: string,
  readonly: boolean,
  apiGroup: string,
  resource: string,
  namespace: string,
  nonResourcePath: string,
})
/** Who may do what; '' matches nothing, `*` everything (pkg/apis/abac). */
export type AbacPolicy = ValueOf<typeof policyShape>

const apiVersion = 'abac.authorization.kubernetes.io/v1beta1'
const allAuthenticated = 'system:authenticated'

/** Reads one object a line; comments and empty lines are skipped. Throws an Error that names the line. */
export function readAbacPolicies(text: string, path: string): readonly AbacPolicy[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) return []
    try {
      return [readPolicy(JSON.parse(line) as unknown)]
    } catch (error) {
      const why = (error as Error).message
      throw new Error(`error reading policy file ${path}, line ${index + 1}: ${line}: ${why}`, { cause: error })
    }
  })
}

function readPolicy(value: unknown): AbacPolicy {
  if (!isObject(value)) throw new Error('it is no object')
  const { apiVersion: version, kind, spec } = value
  // Before there were versions the policy was the object itself.
  if (version === undefined || kind === undefined) return unversioned(policyShape.read(value, '', []))
  if (version !== apiVersion || kind !== 'Policy')
    throw new Error(`no kind ${goQuote(String(kind))} is registered for version ${goQuote(String(version))}`)
  return withEverybody(policyShape.read(spec, 'spec', []))
}

/** `*` is whoever is authenticated. */
function withEverybody(policy: AbacPolicy): AbacPolicy {
  return policy.user === '*' || policy.group === '*' ? { ...policy, user: '', group: allAuthenticated } : policy
}

/** What was left out matched all (pkg/apis/abac/v0/conversion.go). */
function unversioned(policy: AbacPolicy): AbacPolicy {
  const { user, group, namespace, resource } = withEverybody(policy)
  return {
    user,
    group: user === '' && group === '' ? allAuthenticated : group,
    readonly: policy.readonly,
    apiGroup: '*',
    namespace: namespace || '*',
    resource: resource || '*',
    nonResourcePath: namespace === '' && resource === '' ? '*' : '',
  }
}

import type { UserInfo } from '../../../api/user.ts'
import type { KubeObject, OwnerReference } from '../../../machinery/meta/object.ts'
import { parseApiVersion } from '../../../machinery/meta/object.ts'
import { semanticEqual } from '../../../machinery/semantic-equal.ts'
import type { AuthorizationAttributes } from '../../authorization/authorizer.ts'
import { isFor, refusal } from '../attributes.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

/**
 * Who names an owner must be allowed to delete what is owned, and who makes it block its owner's deletion must be allowed to
 * set finalizers on the owner (plugin/pkg/admission/gc).
 */
export function createOwnerReferencesPermissionEnforcement({
  authorizer,
  definitions,
}: Pick<AdmissionServices, 'authorizer' | 'definitions'>): AdmissionPlugin {
  async function allowed(attributes: AuthorizationAttributes): Promise<string | undefined> {
    const { decision, reason, error } = await authorizer.authorize(attributes)
    return decision === 'allow' ? undefined : `${reason}, ${error ?? '<nil>'}`
  }
  function ownersOf(reference: OwnerReference, attributes: AdmissionAttributes): readonly AuthorizationAttributes[] {
    const { group, version } = parseApiVersion(reference.apiVersion)
    const found = [...definitions()].filter(
      (one) => one.group === group && one.version === version && one.kind === reference.kind,
    )
    if (found.length === 0)
      throw refusal(
        attributes,
        `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${reference.apiVersion} Kind ${reference.kind}: no matches for kind "${reference.kind}" in version "${reference.apiVersion}"`,
      )
    return found.map(({ resource, namespaced }) =>
      asked(attributes.user, 'update', {
        ...{ apiGroup: group, apiVersion: version, resource, subresource: 'finalizers', name: reference.name },
        namespace: namespaced ? attributes.namespace : '',
      }),
    )
  }

  return {
    name: 'OwnerReferencesPermissionEnforcement',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    async validate(attributes) {
      // Old kubelets spoil references in a status; the status cannot change them anyway.
      if (isFor(attributes, 'pods', '', 'status')) return
      const { object, oldObject, user, resource, subresource, namespace, name } = attributes
      const [next, before] = [referencesOf(object as KubeObject | undefined), referencesOf(oldObject)]
      if (semanticEqual(next, before)) return
      if (attributes.operation !== 'CREATE') {
        const { group: apiGroup, version: apiVersion } = resource
        const why = await allowed(
          asked(user, 'delete', { apiGroup, apiVersion, resource: resource.resource, subresource, namespace, name }),
        )
        if (why !== undefined)
          throw refusal(attributes, `cannot set an ownerRef on a resource you can't delete: ${why}`)
      }
      const blocking = next.filter(
        (one) =>
          one.blockOwnerDeletion === true &&
          !before.some((other) => other.uid === one.uid && other.blockOwnerDeletion === true),
      )
      if (blocking.length === 0 || (await allowed(anyFinalizer(user))) === undefined) return
      for (const owner of blocking.flatMap((reference) => ownersOf(reference, attributes))) {
        const why = await allowed(owner)
        if (why !== undefined)
          throw refusal(
            attributes,
            `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${why}`,
          )
      }
    },
  }
}

const referencesOf = (object: KubeObject | undefined): readonly OwnerReference[] =>
  object?.metadata?.ownerReferences ?? []

function asked(
  user: UserInfo,
  verb: string,
  what: Omit<AuthorizationAttributes, 'user' | 'verb' | 'resourceRequest' | 'path'>,
): AuthorizationAttributes {
  return { user, verb, resourceRequest: true, path: '', ...what }
}

/** Who may set finalizers on everything is not asked about each owner. */
function anyFinalizer(user: UserInfo): AuthorizationAttributes {
  const any = { apiGroup: '*', apiVersion: '*', resource: '*', subresource: 'finalizers', name: '*', namespace: '' }
  return asked(user, 'update', any)
}

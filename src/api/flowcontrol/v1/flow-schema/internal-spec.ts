import type { FlowSchemaSpec } from '../../../types.generated.ts'

/** The spec as upstream's internal type prints it in an error. */
export function internalSpec(spec: FlowSchemaSpec): Record<string, unknown> {
  const named = (subject: { readonly name: string } | undefined) => (subject ? { Name: subject.name } : null)
  return {
    PriorityLevelConfiguration: { Name: spec.priorityLevelConfiguration?.name ?? '' },
    MatchingPrecedence: spec.matchingPrecedence,
    DistinguisherMethod: spec.distinguisherMethod ? { Type: spec.distinguisherMethod.type } : null,
    Rules:
      spec.rules?.map(({ subjects, resourceRules, nonResourceRules }) => ({
        Subjects:
          subjects?.map(({ kind, user, group, serviceAccount: account }) => ({
            Kind: kind,
            User: named(user),
            Group: named(group),
            ServiceAccount: account ? { Namespace: account.namespace, Name: account.name } : null,
          })) ?? null,
        ResourceRules:
          resourceRules?.map(({ verbs, apiGroups, resources, clusterScope = false, namespaces = null }) => ({
            Verbs: verbs,
            APIGroups: apiGroups,
            Resources: resources,
            ClusterScope: clusterScope,
            Namespaces: namespaces,
          })) ?? null,
        NonResourceRules:
          nonResourceRules?.map(({ verbs, nonResourceURLs }) => ({ Verbs: verbs, NonResourceURLs: nonResourceURLs })) ??
          null,
      })) ?? null,
  }
}

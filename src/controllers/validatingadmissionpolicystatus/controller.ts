import { validatingAdmissionPolicies } from '../../api/admissionregistration/v1/validating-admission-policy.ts'
import { checkPolicyTypes, type KnownKind } from '../../api/admissionregistration/expressions/type-checker.ts'
import { jsonSchemaOfKind } from '../../api/schema/json-schema.ts'
import type { ValidatingAdmissionPolicy } from '../../api/types.generated.ts'
import { discoverAll } from '../../client/discovery.ts'
import { keyOf } from '../../client/informer.ts'
import { type GroupVersionKind, parseApiVersion } from '../../machinery/meta/object.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { matchedKinds } from './matched-kinds.ts'
import { publishedSchema } from './published-schema.ts'

const fieldManager = 'validatingadmissionpolicy-status'

/** ValidatingAdmissionPolicy status: checks the types in policies' expressions (pkg/controller/validatingadmissionpolicystatus). */
export const validatingAdmissionPolicyStatusController = defineSync({
  name: 'validatingadmissionpolicy-status-controller',
  setup({ client, informers }) {
    const policies = informers.for(validatingAdmissionPolicies)

    async function known(kind: GroupVersionKind): Promise<KnownKind | undefined> {
      const { group, version, kind: name } = kind
      const schema = jsonSchemaOfKind(group, version, name) ?? (await publishedSchema(client.transport, kind))
      return schema && { ...kind, schema }
    }
    return {
      ready: (signal) => policies.whenSynced(signal),
      async sync(key) {
        const policy = policies.get(key)
        const generation = policy?.metadata.generation ?? 0
        if (policy === undefined || generation <= (policy.status?.observedGeneration ?? 0)) return
        const { resources } = await discoverAll(client.transport)
        const kinds = await Promise.all(matchedKinds(policy, resources).map(known))
        const { paramKind } = policy.spec ?? {}
        const params =
          paramKind && (await known({ ...parseApiVersion(paramKind.apiVersion ?? ''), kind: paramKind.kind ?? '' }))
        const expressionWarnings = checkPolicyTypes(
          policy,
          kinds.filter((kind) => kind !== undefined),
          params,
        )
        const { apiVersion, kind, metadata } = policy
        const patch = {
          apiVersion,
          kind,
          metadata: { name: metadata.name },
          status: {
            observedGeneration: generation,
            typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
          },
        }
        const options = { subresource: 'status', fieldManager, force: true }
        await client.patch(validatingAdmissionPolicies, { name: metadata.name ?? '' }, 'apply', patch, options)
      },
      watch(queue) {
        const add = (policy: ValidatingAdmissionPolicy) => queue.add(keyOf(policy))
        return policies.subscribe({ added: add, updated: add })
      },
    }
  },
})

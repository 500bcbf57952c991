import { mutatingWebhookConfigurations } from '../../../api/admissionregistration/v1/mutating-webhook-configuration.ts'
import { validatingWebhookConfigurations } from '../../../api/admissionregistration/v1/validating-webhook-configuration.ts'
import type { ResourceRef } from '../../../api/definition.ts'
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../../api/types.generated.ts'
import type { Lister } from '../../lister.ts'

/** One webhook of a configuration. */
export interface Hook<W extends MutatingWebhook | ValidatingWebhook = MutatingWebhook | ValidatingWebhook> {
  readonly configuration: string
  readonly webhook: W
  /** Tells it apart from every other, also from one of the same name. */
  readonly id: string
}

interface HookSource<W extends MutatingWebhook | ValidatingWebhook> {
  /** In the order in which they are asked: by name of the configuration, then as they stand in it. */
  readonly hooks: readonly Hook<W>[]
}

export function mutatingHooks(lister: Lister): HookSource<MutatingWebhook> {
  return followed(lister, mutatingWebhookConfigurations)
}
export function validatingHooks(lister: Lister): HookSource<ValidatingWebhook> {
  return followed(lister, validatingWebhookConfigurations)
}

function followed<W extends MutatingWebhook | ValidatingWebhook>(
  lister: Lister,
  ref: ResourceRef<MutatingWebhookConfiguration> | ResourceRef<ValidatingWebhookConfiguration>,
): HookSource<W> {
  const configurations = new Map<string, MutatingWebhookConfiguration | ValidatingWebhookConfiguration>()
  let hooks: readonly Hook<W>[] | undefined
  lister.watch(ref as ResourceRef<MutatingWebhookConfiguration>, ({ type, object }) => {
    hooks = undefined
    if (type === 'deleted') configurations.delete(object.metadata.name!)
    else configurations.set(object.metadata.name!, object)
  })
  return {
    get hooks() {
      hooks ??= [...configurations.keys()].sort().flatMap((configuration) => {
        const seen = new Map<string, number>()
        return (configurations.get(configuration)!.webhooks ?? []).map((webhook) => {
          const count = seen.get(webhook.name) ?? 0
          seen.set(webhook.name, count + 1)
          return { configuration, webhook: webhook as unknown as W, id: `${configuration}/${webhook.name}/${count}` }
        })
      })
      return hooks
    },
  }
}

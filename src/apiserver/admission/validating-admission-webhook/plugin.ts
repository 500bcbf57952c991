import type { ValidatingWebhook } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import { annotateFailedOpen } from '../webhook/audit-annotations.ts'
import { WebhookCallError } from '../webhook/call-error.ts'
import { callHook } from '../webhook/call-hook.ts'
import { isExempt } from '../webhook/exempt.ts'
import { validatingHooks } from '../webhook/hook.ts'
import { convert, type Invocation, invocationOf } from '../webhook/invocation.ts'
import type { WebhookServices } from '../webhook/services.ts'

/** Asks validating webhooks, all at once (apiserver pkg/admission/plugin/webhook/validating). */
export function createValidatingAdmissionWebhook(services: WebhookServices): AdmissionPlugin {
  const source = validatingHooks(services.lister)

  async function ask(
    invocation: Invocation<ValidatingWebhook>,
    attributes: AdmissionAttributes,
    index: number,
  ): Promise<void> {
    const { definition, hook } = invocation
    const versioned = (object: KubeObject | undefined) =>
      object === undefined || definition === undefined ? object : convert(object, attributes.definition, definition)
    const objects = {
      object: await versioned(attributes.object as KubeObject | undefined),
      oldObject: await versioned(attributes.oldObject),
    }
    try {
      await callHook(invocation, attributes, objects, false, services)
    } catch (error) {
      if (!(error instanceof WebhookCallError)) throw error
      if (hook.webhook.failurePolicy !== 'Ignore') throw error.refusal()
      services.log.warn('failed calling webhook, failing open', { webhook: hook.webhook.name, error: error.message })
      annotateFailedOpen(attributes, 'validating', { round: 0, index }, hook)
    }
  }
  return {
    name: 'ValidatingAdmissionWebhook',
    handles: () => true,
    validate(attributes) {
      const { hooks } = source
      if (hooks.length === 0 || isExempt(attributes)) return
      return (async () => {
        const invocations: Invocation<ValidatingWebhook>[] = []
        for (const hook of hooks) {
          const invocation = await invocationOf(hook, attributes, services)
          if (invocation !== undefined) invocations.push(invocation)
        }
        const results = await Promise.allSettled(
          invocations.map((invocation, index) => ask(invocation, attributes, index)),
        )
        const failed = results.find((result) => result.status === 'rejected')
        if (failed !== undefined) throw failed.reason
      })()
    },
  }
}

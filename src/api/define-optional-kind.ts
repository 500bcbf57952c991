import { defineKind, type KindName } from './define-kind.ts'
import type { KindRules, ResourceDefinition } from './definition.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import declared from './schema/optional-declared-rules.generated.json' with { type: 'json' }

/** {@link defineKind} for kinds that no version serves by default: their rules are loaded with them. */
export function defineOptionalKind<T extends KubeObject>(
  kind: KindName,
  rules: KindRules<T> = {},
): ResourceDefinition<T> {
  return defineKind(kind, rules, declared)
}

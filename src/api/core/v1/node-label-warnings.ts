import { labelValue } from '../../../machinery/validation/label-names.ts'
import type { NodeSelectorTerm } from '../../types.generated.ts'

/** Labels of nodes that have had their day (pkg/api/node/util.go). */
const deprecated: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

/** What to say of a label; undefined when there is nothing. */
export function nodeLabelWarning(label: string): string | undefined {
  return Object.hasOwn(deprecated, label) ? deprecated[label] : undefined
}

export function nodeSelectorTermWarnings(
  { matchExpressions = [] }: NodeSelectorTerm,
  field: string,
  checkValues: boolean,
): string[] {
  return matchExpressions.flatMap(({ key, values = [] }, index) => {
    const at = `${field}.matchExpressions[${index}]`
    const warning = nodeLabelWarning(key)
    const warnings = warning ? [`${at}.key: ${key} is ${warning}`] : []
    if (!checkValues) return warnings
    for (const [each, value] of values.entries()) {
      for (const text of labelValue(value)) warnings.push(`${at}.values[${each}]: ${value} is invalid, ${text}`)
    }
    return warnings
  })
}

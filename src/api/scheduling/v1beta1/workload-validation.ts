import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { internalForm } from '../../internal-form.ts'
import type { CompositePodGroupTemplate, PodGroupTemplate, Workload, WorkloadSpec } from '../../types.generated.ts'

const maxDepth = 4
type Composites = readonly CompositePodGroupTemplate[]

/** pkg/apis/scheduling/validation ValidateWorkloadSpec. */
export function validateWorkload({ spec }: Workload): FieldError[] {
  const composites = spec.compositePodGroupTemplates ?? []
  const names = new Set((spec.podGroupTemplates ?? []).map(({ name }) => name))
  return [
    ...duplicateNames(composites, 'spec', names),
    ...composites.flatMap((template, index) => checkDepth(template, `spec.compositePodGroupTemplates[${index}]`)),
    ...checkPriorities(spec),
    ...childless(composites, 'spec'),
  ]
}

/** Names are unique in the whole tree; of those in one list the declared rules speak. */
function duplicateNames(composites: Composites, at: string, names: Set<string>): FieldError[] {
  const errors = duplicatesOf(composites, `${at}.compositePodGroupTemplates`, names)
  for (const [index, template] of composites.entries()) {
    const below = `${at}.compositePodGroupTemplates[${index}]`
    errors.push(
      ...duplicatesOf(template.podGroupTemplates ?? [], `${below}.podGroupTemplates`, names),
      ...duplicateNames(template.compositePodGroupTemplates ?? [], below, names),
    )
  }
  return errors
}

function duplicatesOf(templates: readonly { readonly name: string }[], at: string, names: Set<string>): FieldError[] {
  const errors = templates.flatMap(({ name }, index) =>
    names.has(name) ? [fieldErrors.duplicate(`${at}[${index}].name`, name)] : [],
  )
  for (const { name } of templates) names.add(name)
  return errors
}

function checkDepth(template: CompositePodGroupTemplate, at: string): FieldError[] {
  const fits = (each: CompositePodGroupTemplate, depth: number): boolean =>
    depth < maxDepth && (each.compositePodGroupTemplates ?? []).every((child) => fits(child, depth + 1))
  if (fits(template, 1)) return []
  const shown = (template.compositePodGroupTemplates ?? []).map((child) =>
    internalForm('io.k8s.api.scheduling.v1beta1.CompositePodGroupTemplate', child),
  )
  return [fieldErrors.invalid(at, shown, `maximum template hierarchy depth is ${maxDepth}`)]
}

type Prioritized = Pick<PodGroupTemplate, 'priorityClassName' | 'priority'>

/** All templates of a workload are as important as its first. */
function checkPriorities(spec: WorkloadSpec): FieldError[] {
  const podGroupTemplates = spec.podGroupTemplates ?? []
  const compositePodGroupTemplates = spec.compositePodGroupTemplates ?? []
  let first: Prioritized | undefined
  const agrees = (template: Prioritized): boolean => {
    first ??= template
    return (
      (first.priorityClassName ?? '') === (template.priorityClassName ?? '') && first.priority === template.priority
    )
  }
  const allAgree = (template: CompositePodGroupTemplate): boolean =>
    agrees(template) &&
    (template.compositePodGroupTemplates ?? []).every(allAgree) &&
    (template.podGroupTemplates ?? []).every(agrees)
  const fault = (detail: string) => [fieldErrors.invalid('spec', null, detail)]
  if (!podGroupTemplates.every(agrees)) return fault('detected multiple priority configurations')
  return compositePodGroupTemplates.every(allAgree)
    ? []
    : fault('all priority and priorityClassName values must be identical, detected multiple values')
}

function childless(composites: Composites, at: string): FieldError[] {
  return composites.flatMap((template, index) => {
    const podGroupTemplates = template.podGroupTemplates ?? []
    const compositePodGroupTemplates = template.compositePodGroupTemplates ?? []
    const below = `${at}.compositePodGroupTemplates[${index}]`
    const detail = 'must have at least one child PodGroupTemplate or CompositePodGroupTemplate'
    const empty = podGroupTemplates.length === 0 && compositePodGroupTemplates.length === 0
    return [
      ...(empty ? [fieldErrors.invalid(below, template.name, detail)] : []),
      ...childless(compositePodGroupTemplates, below),
    ]
  })
}

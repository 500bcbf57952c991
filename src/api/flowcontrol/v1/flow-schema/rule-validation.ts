import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { checkField, checkRequired } from '../../../field-checks.ts'
import type {
  FlowcontrolV1Subject as Subject,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
} from '../../../types.generated.ts'

/** Whose requests for what a flow schema catches (pkg/apis/flowcontrol/validation). */
const kinds: readonly string[] = ['Group', 'ServiceAccount', 'User']
const verbs: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'proxy',
  'update',
  'watch',
]

export function validateRule(rule: PolicyRulesWithSubjects, field: string): FieldError[] {
  const [subjects, resources, urls] = [rule.subjects ?? [], rule.resourceRules ?? [], rule.nonResourceRules ?? []]
  const errors = subjects.flatMap((subject, index) => validateSubject(subject, `${field}.subjects[${index}]`))
  if (subjects.length === 0) {
    errors.push(fieldErrors.required(`${field}.subjects`, 'subjects must contain at least one value'))
  }
  if (resources.length === 0 && urls.length === 0) {
    const detail = 'at least one of resourceRules and nonResourceRules has to be non-empty'
    errors.push(fieldErrors.required(field, detail))
  }
  return [
    ...errors,
    ...resources.flatMap((one, index) => validateResourceRule(one, `${field}.resourceRules[${index}]`)),
    ...urls.flatMap((one, index) => validateUrlRule(one, `${field}.nonResourceRules[${index}]`)),
  ]
}

const members = [
  ['ServiceAccount', 'serviceAccount'],
  ['User', 'user'],
  ['Group', 'group'],
] as const

function validateSubject(subject: Subject, field: string): FieldError[] {
  const own = members.find(([kind]) => kind === subject.kind)
  if (!own) return [fieldErrors.notSupported(`${field}.kind`, subject.kind, kinds)]
  const [kind, member] = own
  const errors = validateNamed(subject, member, `${field}.${member}`, kind)
  for (const [otherKind, other] of members) {
    if (other === member || !subject[other]) continue
    const detail = `${other} is forbidden when subject kind is not '${otherKind}'`
    errors.push(fieldErrors.forbidden(`${field}.${other}`, detail))
  }
  return errors
}

function validateNamed(
  subject: Subject,
  member: (typeof members)[number][1],
  field: string,
  kind: string,
): FieldError[] {
  const named = subject[member]
  if (!named) return [fieldErrors.required(field, `${member} is required when subject kind is '${kind}'`)]
  if (member !== 'serviceAccount') return checkRequired(named.name, `${field}.name`)
  const { name, namespace } = subject.serviceAccount!
  const errors = checkRequired(name, `${field}.name`, (text) => (text === '*' ? [] : dns1123Subdomain(text)))
  if (namespace) errors.push(...checkField(namespace, `${field}.namespace`, dns1123Label))
  else errors.push(fieldErrors.required(`${field}.namespace`, 'must specify namespace for service account'))
  return errors
}

/** `what` is said of a list that is empty, `others` of one that holds more than `*`. */
function checkList(
  list: readonly string[] | undefined,
  field: string,
  missing: string,
  others: string,
  check: (list: readonly string[]) => FieldError[] = () => [],
): FieldError[] {
  if (!list?.length) return [fieldErrors.required(field, missing)]
  if (!list.includes('*')) return check(list)
  return list.length > 1
    ? [fieldErrors.invalid(field, list, `if '*' is present, must not specify other ${others}`)]
    : []
}

function validateVerbs(list: readonly string[] | undefined, field: string): FieldError[] {
  return checkList(list, field, 'verbs must contain at least one value', 'verbs', (given) =>
    given.every((verb) => verbs.includes(verb)) ? [] : [fieldErrors.notSupported(field, given, verbs)],
  )
}

function validateResourceRule(rule: ResourcePolicyRule, field: string): FieldError[] {
  const { apiGroups, resources, namespaces, clusterScope } = rule
  const errors = validateVerbs(rule.verbs, `${field}.verbs`)
  const oneGroup = 'resource rules must supply at least one api group'
  errors.push(...checkList(apiGroups, `${field}.apiGroups`, oneGroup, 'api groups'))
  const oneResource = 'resource rules must supply at least one resource'
  errors.push(...checkList(resources, `${field}.resources`, oneResource, 'resources'))
  if (!namespaces?.length && clusterScope) return errors
  const at = `${field}.namespaces`
  const oneNamespace = 'resource rules that are not cluster scoped must supply at least one namespace'
  const checked = checkList(namespaces, at, oneNamespace, 'namespaces', (list) =>
    list.flatMap((name, index) =>
      checkField(name, `${at}[${index}]`, (text) =>
        dns1123Label(text).map((fault) => `each member of this list must be '*' or a DNS-1123 label; ${fault}`),
      ),
    ),
  )
  return [...errors, ...checked]
}

function validateUrlRule({ verbs: list, nonResourceURLs }: NonResourcePolicyRule, field: string): FieldError[] {
  const at = `${field}.nonResourceURLs`
  const missing = 'nonResourceURLs must contain at least one value'
  const checked = checkList(nonResourceURLs, at, missing, 'non-resource URLs', (urls) =>
    urls.flatMap((url, index) => checkField(url, `${at}[${index}]`, urlFault)),
  )
  return [...validateVerbs(list, `${field}.verbs`), ...checked]
}

function urlFault(url: string): string[] {
  if (url === '/') return []
  if (url === '') return ['must not be empty']
  if (!url.startsWith('/')) return ['must start with slash']
  if (url.includes(' ')) return ['must not contain white-space']
  if (url.includes('//')) return ['must not contain double slash']
  const star = url.indexOf('*')
  const isSuffix = star === url.length - 1 && url.endsWith('/*')
  return star < 0 || isSuffix ? [] : ['wildcard can only do suffix matching']
}

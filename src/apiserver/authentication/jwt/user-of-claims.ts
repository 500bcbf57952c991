import type { UserInfo } from '../../../api/user.ts'
import { ListValue, type Value } from '../../../machinery/cel/value.ts'
import { evaluateClaim } from './claim-expressions.ts'
import { claimValue } from './claim-values.ts'
import type { CompiledAuthenticator, ConditionExpression } from './compile-authenticator.ts'

type Claims = Readonly<Record<string, unknown>>

/**
 * Who is meant by the claims of a verified token, and whether its rules hold (apiserver plugin/pkg/authenticator/token/oidc
 * AuthenticateToken). Throws an Error that says what does not.
 */
export function userOfClaims(authenticator: CompiledAuthenticator, claims: Claims): UserInfo {
  const value = claimValue(claims)
  const name = nameOf(authenticator, claims, value)
  const groups = groupsOf(authenticator, claims, value)
  const uid = uidOf(authenticator, claims, value)
  const extra = extraOf(authenticator, claims, value)
  for (const { claim, requiredValue } of authenticator.config.claimValidationRules)
    if (claim !== '') requireClaim(claims, claim, requiredValue)
  checkRules(authenticator.claimRules, 'claims', value, 'claim validation expression')
  const user: UserInfo = { name, ...(uid === '' ? {} : { uid }), groups, extra }
  const shown = claimValue({ username: name, uid, groups, extra })
  checkRules(authenticator.userRules, 'user', shown, 'user info validation rule')
  return user
}

function nameOf({ config, username }: CompiledAuthenticator, claims: Claims, value: Value): string {
  if (username !== undefined) {
    const name = labelled('username claim', () => evaluateClaim(username, 'claims', value))
    if (typeof name !== 'string')
      throw new Error(
        'oidc: error evaluating username claim expression: username claim expression must return a string',
      )
    if (name === '') throw new Error('oidc: empty username via CEL expression is not allowed')
    return name
  }
  const { claim, prefix = '' } = config.claimMappings.username
  const name = stringClaim(claims, claim, (why) => `oidc: parse username claims "${claim}": ${why}`)
  if (claim === 'email' && Object.hasOwn(claims, 'email_verified')) {
    const verified = claims['email_verified']
    if (typeof verified !== 'boolean' && verified !== null)
      throw new Error(`oidc: parse 'email_verified' claim: ${cannotUnmarshal(verified, 'bool')}`)
    // An address that its owner did not confirm is anybody's.
    if (verified !== true) throw new Error('oidc: email not verified')
  }
  return prefix + name
}

function groupsOf({ config, groups }: CompiledAuthenticator, claims: Claims, value: Value): readonly string[] {
  const { claim, prefix = '' } = config.claimMappings.groups
  if (claim !== '' && Object.hasOwn(claims, claim)) {
    const told = claims[claim]
    const names = told === null ? [] : typeof told === 'string' ? [told] : told
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
      throw new Error(`oidc: parse groups claim "${claim}": ${cannotUnmarshal(told, 'string')}`)
    return names.map((name) => prefix + name)
  }
  return groups === undefined ? [] : labelled('group claim', () => stringsOf(evaluateClaim(groups, 'claims', value)))
}

function uidOf({ config, uid }: CompiledAuthenticator, claims: Claims, value: Value): string {
  const { claim } = config.claimMappings.uid
  if (claim !== '') return stringClaim(claims, claim, (why) => `oidc: parse uid claim "${claim}": ${why}`)
  if (uid === undefined) return ''
  const result = labelled('uid claim', () => evaluateClaim(uid, 'claims', value))
  if (typeof result !== 'string')
    throw new Error('oidc: error evaluating uid claim expression: uid claim expression must return a string')
  return result
}

function extraOf({ extra }: CompiledAuthenticator, claims: Claims, value: Value): Record<string, readonly string[]> {
  const made: Record<string, readonly string[]> = {}
  const { jti } = claims
  if (typeof jti === 'string' && jti !== '') made['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`]
  for (const mapping of extra) {
    const result = evaluateClaim(mapping, 'claims', value)
    const values = labelled('extra claim', () => stringsOf(result), `${mapping.expression}: `)
    if (values.length > 0) made[mapping.key] = values
  }
  return made
}

function checkRules(rules: readonly ConditionExpression[], variable: string, value: Value, what: string): void {
  for (const rule of rules) {
    let result: Value
    try {
      result = evaluateClaim(rule, variable, value)
    } catch (error) {
      throw new Error(`oidc: error evaluating ${what}: ${(error as Error).message}`, { cause: error })
    }
    if (result !== true)
      throw new Error(
        `oidc: error evaluating ${what}: validation expression '${rule.expression}' failed: ${rule.message}`,
      )
  }
}

function requireClaim(claims: Claims, claim: string, wanted: string): void {
  if (!Object.hasOwn(claims, claim)) throw new Error(`oidc: required claim ${claim} not present in ID token`)
  const told = stringClaim(claims, claim, (why) => `oidc: parse claim ${claim}: ${why}`)
  if (told !== wanted)
    throw new Error(`oidc: required claim ${claim} value does not match. Got = ${told}, want = ${wanted}`)
}

function stringClaim(claims: Claims, claim: string, describe: (why: string) => string): string {
  if (!Object.hasOwn(claims, claim)) throw new Error(describe('claim not present'))
  const value = claims[claim]
  if (value === null) return ''
  if (typeof value !== 'string') throw new Error(describe(cannotUnmarshal(value, 'string')))
  return value
}

function cannotUnmarshal(value: unknown, type: string): string {
  const kind =
    typeof value === 'boolean'
      ? 'bool'
      : Array.isArray(value)
        ? 'array'
        : typeof value === 'object'
          ? 'object'
          : typeof value
  return `json: cannot unmarshal ${kind} into Go value of type ${type}`
}

/** A text, or a list of texts; empty ones count for nothing. */
function stringsOf(value: Value): readonly string[] {
  const items = value === null ? [] : value instanceof ListValue ? [...value] : [value]
  if (!items.every((item) => typeof item === 'string'))
    throw new Error('expression must return a string or a list of strings')
  return items.filter((item) => item !== '')
}

function labelled<T>(what: string, evaluate: () => T, detail = ''): T {
  try {
    return evaluate()
  } catch (error) {
    throw new Error(`oidc: error evaluating ${what} expression: ${detail}${(error as Error).message}`, { cause: error })
  }
}

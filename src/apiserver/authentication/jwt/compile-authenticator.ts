import { X509Certificate } from 'node:crypto'
import { type FieldError, fieldErrors } from '../../../machinery/field-error.ts'
import { domainPrefixedPath } from '../../../machinery/validation/domain-prefixed-path.ts'
import type { AuthenticationConfiguration, JwtAuthenticator } from './authentication-configuration.ts'
import {
  type ClaimExpression,
  claimsEnvironment,
  compileClaimExpression,
  looksAtClaim,
  userEnvironment,
} from './claim-expressions.ts'

export interface ConditionExpression extends ClaimExpression {
  readonly message: string
}

/** A {@link JwtAuthenticator} whose expressions are compiled. */
export interface CompiledAuthenticator {
  readonly config: JwtAuthenticator
  readonly username?: ClaimExpression
  readonly groups?: ClaimExpression
  readonly uid?: ClaimExpression
  readonly extra: readonly (ClaimExpression & { readonly key: string })[]
  readonly claimRules: readonly ConditionExpression[]
  readonly userRules: readonly ConditionExpression[]
}

const maxAuthenticators = 64

/** Checks and compiles a configuration (apiserver pkg/apis/apiserver/validation ValidateAuthenticationConfiguration). */
export function compileAuthenticators(
  { jwt, anonymous }: AuthenticationConfiguration,
  disallowedIssuers: readonly string[],
): { readonly authenticators: readonly CompiledAuthenticator[]; readonly errors: readonly FieldError[] } {
  if (jwt.length > maxAuthenticators)
    return { authenticators: [], errors: [fieldErrors.tooMany('jwt', jwt.length, maxAuthenticators)] }
  const errors: FieldError[] = []
  const issuers = new Set<string>()
  const discoveryUrls = new Set<string>()
  const authenticators = jwt.map((config, index) => {
    const path = `jwt[${index}]`
    const { url, discoveryURL } = config.issuer
    const compiled = new AuthenticatorCompiler(config, disallowedIssuers, errors).compile(path)
    if (issuers.has(url)) errors.push(fieldErrors.duplicate(`${path}.issuer.url`, url))
    issuers.add(url)
    if (discoveryURL !== '') {
      if (discoveryUrls.has(discoveryURL))
        errors.push(fieldErrors.duplicate(`${path}.issuer.discoveryURL`, discoveryURL))
      discoveryUrls.add(discoveryURL)
    }
    return compiled
  })
  if (anonymous !== undefined && !anonymous.enabled && anonymous.conditions.length > 0)
    errors.push(
      fieldErrors.invalid(
        'anonymous.conditions',
        anonymous.conditions,
        'enabled should be set to true when conditions are defined',
      ),
    )
  return { authenticators, errors }
}

class AuthenticatorCompiler {
  readonly #config: JwtAuthenticator
  readonly #disallowedIssuers: readonly string[]
  readonly #errors: FieldError[]

  constructor(config: JwtAuthenticator, disallowedIssuers: readonly string[], errors: FieldError[]) {
    this.#config = config
    this.#disallowedIssuers = disallowedIssuers
    this.#errors = errors
  }

  compile(path: string): CompiledAuthenticator {
    this.#checkIssuer(`${path}.issuer`)
    const claimRules = this.#claimRules(`${path}.claimValidationRules`)
    const mappings = this.#mappings(`${path}.claimMappings`, claimRules)
    const userRules = this.#userRules(`${path}.userValidationRules`)
    return { config: this.#config, ...mappings, claimRules, userRules }
  }

  #fail(error: FieldError): undefined {
    this.#errors.push(error)
  }
  #compileClaims(expression: string, field: string, condition = false): ClaimExpression | undefined {
    const result = compileClaimExpression(expression, claimsEnvironment, field, condition)
    return 'error' in result ? this.#fail(result.error) : result.compiled
  }

  #checkIssuer(path: string): void {
    const { url, discoveryURL, audiences, audienceMatchPolicy, certificateAuthority, egressSelectorType } =
      this.#config.issuer
    if (url === '') this.#fail(fieldErrors.required(`${path}.url`, ''))
    else this.#checkUrl(url, this.#disallowedIssuers, `${path}.url`)
    if (discoveryURL !== '') {
      const trimmed = (text: string) => text.replace(/\/+$/, '')
      if (url !== '' && trimmed(url) === trimmed(discoveryURL))
        this.#fail(fieldErrors.invalid(`${path}.discoveryURL`, discoveryURL, 'discoveryURL must be different from URL'))
      this.#checkUrl(discoveryURL, [], `${path}.discoveryURL`)
    }
    this.#checkAudiences(audiences, audienceMatchPolicy, path)
    if (certificateAuthority !== '' && !holdsCertificates(certificateAuthority))
      this.#fail(
        fieldErrors.invalid(
          `${path}.certificateAuthority`,
          '<omitted>',
          'data does not contain any valid RSA or ECDSA certificates',
        ),
      )
    if (egressSelectorType !== '' && egressSelectorType !== 'controlplane' && egressSelectorType !== 'cluster')
      this.#fail(
        fieldErrors.invalid(
          `${path}.egressSelectorType`,
          egressSelectorType,
          'egress selector must be either controlplane or cluster',
        ),
      )
  }

  #checkUrl(text: string, disallowed: readonly string[], field: string): void {
    const refuse = (why: string) => this.#fail(fieldErrors.invalid(field, text, why))
    if (disallowed.includes(text))
      refuse(`URL must not overlap with disallowed issuers: [${[...disallowed].sort().join(' ')}]`)
    if (!URL.canParse(text)) return refuse('URL scheme must be https')
    const url = new URL(text)
    if (url.protocol !== 'https:') refuse('URL scheme must be https')
    if (url.username !== '' || url.password !== '') refuse('URL must not contain a username or password')
    if (url.search !== '') refuse('URL must not contain a query')
    if (url.hash !== '') refuse('URL must not contain a fragment')
  }

  #checkAudiences(audiences: readonly string[], policy: string, path: string): void {
    const field = `${path}.audiences`
    if (audiences.length === 0) return this.#fail(fieldErrors.required(field, `at least one ${field} is required`))
    audiences.forEach((audience, index) => {
      if (audience === '') this.#fail(fieldErrors.required(`${field}[${index}]`, ''))
      if (audiences.indexOf(audience) < index) this.#fail(fieldErrors.duplicate(`${field}[${index}]`, audience))
    })
    const policyField = `${path}.audienceMatchPolicy`
    if (audiences.length > 1 && policy !== 'MatchAny')
      this.#fail(
        fieldErrors.invalid(policyField, policy, 'audienceMatchPolicy must be MatchAny for multiple audiences'),
      )
    if (audiences.length === 1 && policy !== '' && policy !== 'MatchAny')
      this.#fail(
        fieldErrors.invalid(policyField, policy, 'audienceMatchPolicy must be empty or MatchAny for single audience'),
      )
  }

  #claimRules(path: string): readonly ConditionExpression[] {
    const claims = new Set<string>()
    const expressions = new Set<string>()
    return this.#config.claimValidationRules.flatMap((rule, index) => {
      const field = `${path}[${index}]`
      const { claim, requiredValue, expression, message } = rule
      if (claim !== '' && expression !== '')
        this.#fail(fieldErrors.invalid(field, claim, "claim and expression can't both be set"))
      else if (claim === '' && expression === '')
        this.#fail(fieldErrors.required(field, 'claim or expression is required'))
      else if (claim !== '') {
        if (message !== '')
          this.#fail(fieldErrors.invalid(`${field}.message`, message, 'may not be specified when claim is set'))
        if (claims.has(claim)) this.#fail(fieldErrors.duplicate(`${field}.claim`, claim))
        claims.add(claim)
      } else {
        if (requiredValue !== '')
          this.#fail(
            fieldErrors.invalid(`${field}.requiredValue`, requiredValue, 'may not be specified when expression is set'),
          )
        if (expressions.has(expression)) {
          this.#fail(fieldErrors.duplicate(`${field}.expression`, expression))
          return []
        }
        expressions.add(expression)
        const compiled = this.#compileClaims(expression, `${field}.expression`, true)
        if (compiled !== undefined) return [{ ...compiled, message }]
      }
      return []
    })
  }

  #mappings(
    path: string,
    claimRules: readonly ClaimExpression[],
  ): Pick<CompiledAuthenticator, 'username' | 'groups' | 'uid' | 'extra'> {
    const mappings = this.#config.claimMappings
    const username = this.#prefixed(mappings.username, `${path}.username`, true)
    const groups = this.#prefixed(mappings.groups, `${path}.groups`, false)
    let uid: ClaimExpression | undefined
    if (mappings.uid.claim !== '' && mappings.uid.expression !== '')
      this.#fail(fieldErrors.invalid(`${path}.uid`, '', "claim and expression can't both be set"))
    else if (mappings.uid.expression !== '')
      uid = this.#compileClaims(mappings.uid.expression, `${path}.uid.expression`)
    const extra = this.#extra(`${path}.extra`)
    const verified = [...claimRules, ...extra, ...(username ? [username] : [])]
    if (
      username !== undefined &&
      looksAtClaim(username, 'email') &&
      !verified.some((one) => looksAtClaim(one, 'email_verified'))
    )
      this.#fail(
        fieldErrors.invalid(
          `${path}.username.expression`,
          mappings.username.expression,
          'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
        ),
      )
    return { username, groups, uid, extra }
  }

  #prefixed(
    mapping: JwtAuthenticator['claimMappings']['username'],
    path: string,
    required: boolean,
  ): ClaimExpression | undefined {
    const { claim, prefix, expression } = mapping
    if (expression !== '' && claim !== '')
      return this.#fail(fieldErrors.invalid(path, '', "claim and expression can't both be set"))
    if (expression === '' && claim === '') {
      if (required) this.#fail(fieldErrors.required(path, 'claim or expression is required'))
      return undefined
    }
    if (claim !== '') {
      if (prefix === undefined)
        this.#fail(
          fieldErrors.required(
            `${path}.prefix`,
            'prefix is required when claim is set. It can be set to an empty string to disable prefixing',
          ),
        )
      return undefined
    }
    if (prefix !== undefined)
      this.#fail(fieldErrors.invalid(`${path}.prefix`, prefix, 'may not be specified when expression is set'))
    return this.#compileClaims(expression, `${path}.expression`)
  }

  #extra(path: string): CompiledAuthenticator['extra'] {
    const keys = new Set<string>()
    return this.#config.claimMappings.extra.flatMap(({ key, valueExpression }, index) => {
      const field = `${path}[${index}]`
      this.#errors.push(...domainPrefixedPath(key, `${field}.key`))
      if (key !== key.toLowerCase()) this.#fail(fieldErrors.invalid(`${field}.key`, key, 'must be lowercase'))
      if (/^([^/]*\.)?(kubernetes|k8s)\.io\//.test(key))
        this.#fail(
          fieldErrors.invalid(
            `${field}.key`,
            key,
            'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
          ),
        )
      if (keys.has(key)) {
        this.#fail(fieldErrors.duplicate(`${field}.key`, key))
        return []
      }
      keys.add(key)
      if (valueExpression === '') {
        this.#fail(fieldErrors.required(`${field}.valueExpression`, ''))
        return []
      }
      const compiled = this.#compileClaims(valueExpression, `${field}.valueExpression`)
      return compiled === undefined ? [] : [{ ...compiled, key }]
    })
  }

  #userRules(path: string): readonly ConditionExpression[] {
    const expressions = new Set<string>()
    return this.#config.userValidationRules.flatMap(({ expression, message }, index) => {
      const field = `${path}[${index}].expression`
      if (expression === '') {
        this.#fail(fieldErrors.required(field, ''))
        return []
      }
      if (expressions.has(expression)) {
        this.#fail(fieldErrors.duplicate(field, expression))
        return []
      }
      expressions.add(expression)
      const result = compileClaimExpression(expression, userEnvironment, field, true)
      if ('error' in result) {
        this.#fail(result.error)
        return []
      }
      return [{ ...result.compiled, message }]
    })
  }
}

function holdsCertificates(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}

import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { parseIp } from '../../../machinery/validation/ip-address.ts'
import { checkField } from '../../field-checks.ts'

/** The name of a load balancer in the status of a Service or an Ingress. */
export function validateBalancerHost(hostname: string, field: string): FieldError[] {
  const errors = checkField(hostname, field, (text) => dns1123Subdomain(text))
  if (parseIp(hostname)) errors.push(fieldErrors.invalid(field, hostname, 'must be a DNS name, not an IP address'))
  return errors
}

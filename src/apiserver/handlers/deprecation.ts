import type { ResourceDefinition } from '../../api/definition.ts'
import { qualified } from '../../machinery/errors.ts'

/** Stable kinds that upstream advises against (api core/v1/lifecycle.go), by `resource.group`. */
const deprecated: Readonly<Record<string, string>> = {
  componentstatuses: 'v1 ComponentStatus is deprecated in v1.19+',
  endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
}

/** The warning that every request for the kind is answered with, if any. */
export function deprecationOf({ group, resource, deprecation }: ResourceDefinition): string | undefined {
  if (deprecation !== undefined) return deprecation
  const name = qualified({ group, resource })
  return Object.hasOwn(deprecated, name) ? deprecated[name] : undefined
}

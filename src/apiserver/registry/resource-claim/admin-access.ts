import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { DeviceRequest, DeviceRequestAllocationResult } from '../../../api/types.generated.ts'

/** Administrators see devices that are in use; only namespaces that say so may (pkg/registry/resource AuthorizedForAdmin). */
const label = 'resource.kubernetes.io/admin-access'

/** Answers the namespace, or throws what hinders it. */
export type ReadNamespace = (name: string) => Promise<KubeObject>

/** Claims and templates say the same path. */
export async function checkAdminRequests(
  requests: readonly DeviceRequest[] | undefined,
  namespace: string,
  read: ReadNamespace,
): Promise<FieldError[]> {
  const index = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true)
  return index < 0 ? [] : checkNamespace(`spec.devices.requests[${index}].adminAccess`, namespace, read)
}

/** What was granted stays so. */
export async function checkAdminResults(
  results: readonly DeviceRequestAllocationResult[] | undefined,
  before: readonly DeviceRequestAllocationResult[] | undefined,
  namespace: string,
  read: ReadNamespace,
): Promise<FieldError[]> {
  const indexOf = (list: typeof results) => (list ?? []).findIndex(({ adminAccess }) => adminAccess === true)
  const index = indexOf(results)
  if (index < 0 || indexOf(before) >= 0) return []
  return checkNamespace(`status.allocation.devices.results[${index}].adminAccess`, namespace, read)
}

async function checkNamespace(field: string, name: string, read: ReadNamespace): Promise<FieldError[]> {
  let namespace: KubeObject
  try {
    namespace = await read(name)
  } catch (error) {
    return [
      fieldErrors.internal(
        field,
        `could not retrieve namespace to verify admin access: ${error instanceof Error ? error.message : String(error)}`,
      ),
    ]
  }
  if (namespace.metadata.labels?.[label] === 'true') return []
  const detail = `admin access to devices requires the \`${label}: true\` label on the containing namespace`
  return [fieldErrors.forbidden(field, detail)]
}

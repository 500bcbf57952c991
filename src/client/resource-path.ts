import type { GroupVersionResource } from '../machinery/meta/object.ts'

export interface PathParts {
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

/** The path of a collection, an object or a subresource: `/apis/apps/v1/namespaces/default/deployments/web/scale`. */
export function resourcePath(gvr: GroupVersionResource, parts: PathParts = {}): string {
  const { namespace, name, subresource } = parts
  let path = gvr.group === '' ? `/api/${gvr.version}` : `/apis/${gvr.group}/${gvr.version}`
  if (namespace) path += `/namespaces/${encodeURIComponent(namespace)}`
  path += `/${gvr.resource}`
  if (name) path += `/${encodeURIComponent(name)}`
  if (subresource) path += `/${subresource.split('/').map(encodeURIComponent).join('/')}`
  return path
}

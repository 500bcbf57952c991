import { isObject } from '../../machinery/json.ts'

/** Where another server publishes its OpenAPI v3. */
export interface RemoteOpenApi {
  /** Changes with the document; undefined: none is published. */
  readonly hash?: string
}

/** Asks the index of OpenAPI v3 for the document of a path such as `/apis/wardle.example.com/v1alpha1`. Never rejects. */
export async function readOpenApi(read: (path: string) => Promise<unknown>, path: string): Promise<RemoteOpenApi> {
  try {
    const index = await read('/openapi/v3')
    const paths = isObject(index) && isObject(index['paths']) ? index['paths'] : {}
    const entry = paths[path.slice(1)]
    const url = isObject(entry) ? entry['serverRelativeURL'] : undefined
    if (typeof url !== 'string') return {}
    return { hash: new URL(url, 'https://server').searchParams.get('hash') ?? url }
  } catch {
    return {}
  }
}

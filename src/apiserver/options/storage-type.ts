import { goQuote } from '../../machinery/field-error.ts'
import type { ServerOptionValues } from './server-options.ts'

const known = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml']

/** Throws an Error where objects are to be stored otherwise than as JSON, which every kube-apiserver reads as well. */
export function checkStorageType(values: ServerOptionValues): void {
  const type = values['storage-media-type'] || 'application/json'
  if (!known.includes(type))
    throw new Error(`--storage-media-type ${goQuote(type)} invalid, allowed values: ${known.join(', ')}`)
  if (type !== 'application/json')
    throw new Error(`--storage-media-type ${goQuote(type)} is not done here: objects are stored as application/json`)
}

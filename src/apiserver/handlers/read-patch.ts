import { DecodeError } from '../../machinery/codec/decode-error.ts'
import { decodeJson, decodeValue, parseJson, type Decoded } from '../../machinery/codec/json/decode.ts'
import { badRequest } from '../../machinery/errors.ts'
import { goPrint } from '../../machinery/go-print.ts'
import { sortMembers, type Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { applyJsonPatch } from '../../machinery/patch/json-patch.ts'
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge-patch.ts'
import type { Schema } from '../../machinery/schema/schema.ts'
import { textOf, type BodyKind, type KnownKind } from '../negotiation/decode-body.ts'
import { restoredObject, shownPatched, decodedObject } from './patched-object.ts'
import type { Write } from './write.ts'
import { readYamlPatch } from './yaml-patch.ts'

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/** What a patch makes of an object. */
export type Mechanism =
  | {
      readonly apply: () => unknown
      /** Warns of, or refuses, what a strict reader complains of; after conflicts. */
      readonly strict: () => void
      readonly patched?: undefined
    }
  | {
      readonly apply?: undefined
      readonly strict?: undefined
      readonly patched: (old: KubeObject) => Draft<KubeObject>
    }

/** Reads the body of a PATCH (endpoints/handlers/patch.go). Throws BadRequest for what cannot be read. */
export async function readPatch(write: Write, type: PatchType, as: BodyKind, known: KnownKind): Promise<Mechanism> {
  const body = await write.context.request.body()
  if (type === 'apply') return applyMechanism(write, body.type === 'bytes' ? body.bytes : body.object)
  const text = body.type === 'object' ? undefined : textOf(body.bytes)
  const document = body.type === 'object' ? body.object : parsePatch(text!)
  write.context.audit?.sentPatch(document)
  const isStrict = (write.options.fieldValidation || 'Warn') !== 'Ignore'
  const form = type === 'json' ? jsonPatchForm : anyObject
  // Of an object that is not there, that is what is said.
  const faults = () => (isStrict && document !== null ? strictFaults(text, document, form, type) : [])
  if (type === 'strategic') {
    return {
      patched: (old) => {
        const found = faults()
        // Upstream goes by Go's maps, which are written in the order of their keys.
        const value = sortMembers(applyStrategicMergePatch(old, document, as.schema))
        return restoredObject(write, value, as, found, () => goPrint(document))
      },
    }
  }
  const applied = type === 'json' ? applyJsonPatch : applyMergePatch
  return {
    patched: (old) => {
      const found = faults()
      const value = applied(old, document)
      return decodedObject(write, value, as, known, found, () => shownPatched(value, old, as))
    },
  }
}

function parsePatch(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest('invalid JSON patch', { cause: error })
    throw error
  }
}

const string: Schema = { type: 'string' }
/** endpoints/handlers/patch.go jsonPatchOp */
const jsonPatchForm: Schema = {
  type: 'array',
  items: {
    type: 'object',
    name: 'handlers.jsonPatchOp',
    goType: 'handlers.jsonPatchOp',
    properties: new Map([
      ['op', { schema: string }],
      ['path', { schema: string }],
      ['from', { schema: string }],
      ['value', { schema: {} }],
    ]),
  },
}
const anyObject: Schema = { type: 'object', values: {} }

/** Members of the patch itself that are not known, or there twice. Throws BadRequest for what is of a wrong type. */
function strictFaults(text: string | undefined, document: unknown, form: Schema, type: PatchType): readonly string[] {
  let decoded: Decoded
  try {
    decoded = text === undefined ? decodeValue(document, form) : decodeJson(text, form)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw badRequest(type === 'strategic' ? error.message : `error decoding patch: ${error.message}`)
  }
  return type === 'json' ? decoded.strictErrors.map((fault) => `json patch ${fault}`) : decoded.strictErrors
}

async function applyMechanism(write: Write, configuration: unknown): Promise<Mechanism> {
  const directive = write.options.fieldValidation || 'Warn'
  if (!(configuration instanceof Uint8Array)) {
    write.context.audit?.sentPatch(configuration)
    return { apply: () => configuration, strict: () => {} }
  }
  const { value, duplicates, strictErrors } = await readYamlPatch(configuration)
  write.context.audit?.sentPatch(value)
  return {
    apply: () => value,
    strict: () => {
      if (strictErrors.length === 0 || directive === 'Ignore') return
      if (directive === 'Strict') throw badRequest(`error strict decoding patch: ${strictErrors.join('\n')}`)
      for (const text of duplicates) write.warn(text)
    },
  }
}

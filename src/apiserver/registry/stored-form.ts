import type { ResourceDefinition, StoredForm } from '../../api/definition.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { StoredObject } from '../cache/stored-object.ts'

const asked = new WeakMap<StoredForm, Map<StoredObject, Promise<void>>>()

/** A stored object in the definition's version, made once; undefined when it has to be waited for: see {@link readyForms}. */
export function formOf(definition: ResourceDefinition, stored: StoredObject): StoredObject | undefined {
  const form = definition.rules.storedForm
  if (form === undefined) return stored
  const kept = stored.kept<StoredObject>(form)
  if (kept !== undefined) return kept
  const object = form.read(stored.object)
  return object && keep(form, stored, object)
}

/** Makes the forms of all these objects, those of many in one go. Undefined: all are there already. */
export function readyForms(
  definition: ResourceDefinition,
  objects: readonly StoredObject[],
): Promise<void> | undefined {
  const form = definition.rules.storedForm
  if (form === undefined) return undefined
  const missing = objects.filter((stored) => formOf(definition, stored) === undefined)
  if (missing.length === 0) return undefined
  const known = asked.get(form) ?? new Map<StoredObject, Promise<void>>()
  asked.set(form, known)
  const news = missing.filter((stored) => !known.has(stored))
  const made = news.length === 0 ? undefined : convert(form, news)
  if (made !== undefined) {
    const forget = () => news.forEach((stored) => known.delete(stored))
    for (const stored of news) known.set(stored, made)
    made.then(forget, forget)
  }
  const waiting = new Set(missing.flatMap((stored) => known.get(stored) ?? []))
  return Promise.all(waiting).then(() => {})
}

/** {@link formOf}, waited for. */
export async function awaitedForm(definition: ResourceDefinition, stored: StoredObject): Promise<StoredObject> {
  await readyForms(definition, [stored])
  return formOf(definition, stored)!
}

async function convert(form: StoredForm, stored: readonly StoredObject[]): Promise<void> {
  const objects = await form.readAll(stored.map(({ object }) => object))
  stored.forEach((one, index) => keep(form, one, objects[index]!))
}

function keep(form: StoredForm, stored: StoredObject, object: KubeObject): StoredObject {
  const made =
    object === stored.object ? stored : StoredObject.encode(stored.key, object, stored.revision, stored.createRevision)
  made.rendition(form, () => made)
  return stored.rendition(form, () => made)
}

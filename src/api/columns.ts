import { humanDuration } from '../machinery/human-duration.ts'
import { formatLabels, type Labels } from '../machinery/labels/index.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import type { Column } from './definition.ts'

/** Parts of the columns of many kinds (pkg/printers/internalversion/printers.go). */
interface ColumnOptions {
  /** Only with `-o wide`. */
  readonly wide?: boolean
  readonly format?: string
  readonly description?: string
}

export function column<T extends KubeObject>(
  name: string,
  type: Column['type'],
  cell: (object: T, now: number) => unknown,
  { wide = false, format, description = '' }: ColumnOptions = {},
): Column<T> {
  return { name, type, ...(format !== undefined && { format }), priority: wide ? 1 : 0, description, cell }
}

export const nameColumn: Column = column('Name', 'string', (object) => object.metadata.name ?? '', {
  format: 'name',
  description: 'The name of the object, one of its kind in its namespace.',
})

export const ageColumn: Column = column(
  'Age',
  'string',
  (object, now) => timeSince(object.metadata.creationTimestamp, now),
  { description: 'The time since the object was created.' },
)

/** `<unknown>` without a time. */
export function timeSince(time: string | null | undefined, now: number): string {
  return time ? humanDuration(now - Date.parse(time)) : '<unknown>'
}

interface PodSpecNames {
  readonly containers?: readonly { readonly name?: string; readonly image?: string }[]
}

/** Wide columns with the names and images of a pod template's containers. */
export function containerColumns<T extends KubeObject>(
  podSpec: (object: T) => PodSpecNames | undefined,
  wide = true,
): Column<T>[] {
  const join = (object: T, member: 'name' | 'image') =>
    (podSpec(object)?.containers ?? []).map((container) => container[member] ?? '').join(',')
  return [
    column('Containers', 'string', (object) => join(object, 'name'), {
      wide,
      description: 'Names of each container in the template.',
    }),
    column('Images', 'string', (object) => join(object, 'image'), {
      wide,
      description: 'Images referenced by each container in the template.',
    }),
  ]
}

/** `a=b,c=d`, or `<none>`. */
export function labelsCell(labels: Labels | undefined): string {
  return formatLabels(labels) || '<none>'
}

/** At most `max` of the items; `+ N more...` for the rest, `<unset>` for none. */
export function listCell(items: readonly string[], max: number): string {
  const shown = items.slice(0, max).join(',')
  if (items.length > max) return `${shown} + ${items.length - max} more...`
  return shown === '' ? '<unset>' : shown
}

import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { qualifiedName } from '../../../../machinery/validation/label-names.ts'
import { byteLength } from '../../../../machinery/validation/message-text.ts'
import { validateImmutable } from '../../../../machinery/validation/object-meta.ts'
import { internalForm } from '../../../internal-form.ts'
import { checkField } from '../../../field-checks.ts'
import type { Event } from '../../../types.generated.ts'

/**
 * Events (pkg/apis/core/validation/events.go). Old ones have times of their first and last occurrence, new ones one
 * time and a controller that reports them. `reporter`: what the version calls that controller.
 */
export function validateEvent(event: Event, reporter: string): FieldError[] {
  const namespace = event.metadata.namespace ?? ''
  const { namespace: involved = '' } = event.involvedObject
  const elsewhere = [fieldErrors.invalid('involvedObject.namespace', involved, 'does not match event.namespace')]
  if (!event.eventTime) {
    const matches = involved === '' ? namespace === '' || namespace === 'default' : namespace === involved
    return matches ? [] : elsewhere
  }
  const errors = involved === '' && namespace !== 'default' && namespace !== 'kube-system' ? elsewhere : []
  const { reportingComponent: controller = '', reportingInstance, action, reason, message } = event
  if (!controller) errors.push(fieldErrors.required(reporter))
  errors.push(...checkField(controller, reporter, qualifiedName))
  const limited = (text: string | undefined, field: string, max: number, required: boolean) => {
    if (!text && required) errors.push(fieldErrors.required(field))
    if (byteLength(text ?? '') > max) {
      errors.push(fieldErrors.invalid(field, '', `can have at most ${max} characters`))
    }
  }
  limited(reportingInstance, 'reportingInstance', 128, true)
  limited(action, 'action', 128, true)
  limited(reason, 'reason', 128, true)
  limited(message, 'message', 1024, false)
  return errors
}

/** What events.k8s.io/v1 asks beyond that. */
export function validateNewEvent(event: Event): FieldError[] {
  const errors = validateSeries(event)
  if (!event.eventTime) errors.push(fieldErrors.required('eventTime'))
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    errors.push(fieldErrors.invalid('type', '', `has invalid value: ${event.type ?? ''}`))
  }
  const old = (set: unknown, field: string) => {
    if (set) errors.push(fieldErrors.invalid(field, '', 'needs to be unset'))
  }
  old(event.firstTimestamp, 'firstTimestamp')
  old(event.lastTimestamp, 'lastTimestamp')
  old(event.count, 'count')
  old(event.source?.component || event.source?.host, 'source')
  return errors
}

function validateSeries({ series }: Event): FieldError[] {
  if (!series) return []
  const errors: FieldError[] = []
  if ((series.count ?? 0) < 2) errors.push(fieldErrors.invalid('series.count', '', 'should be at least 2'))
  if (!series.lastObservedTime) errors.push(fieldErrors.required('series.lastObservedTime'))
  return errors
}

/** Of what happened, only how often may change. */
export function validateEventUpdate(event: Event, old: Event): FieldError[] {
  const errors = jsonEqual(event.series, old.series) ? [] : validateSeries(event)
  const fixed = (member: keyof Event & string, field: string = member, zero: unknown = '') =>
    errors.push(...validateImmutable(event[member] ?? zero, old[member] ?? zero, field))
  const fixedReference = (member: 'involvedObject' | 'related') => {
    const shown = ({ [member]: reference }: Event) =>
      reference === undefined ? null : internalForm('io.k8s.api.core.v1.ObjectReference', reference)
    errors.push(...validateImmutable(shown(event), shown(old), member))
  }
  fixedReference('involvedObject')
  fixed('reason')
  fixed('message')
  fixed('source', 'source', {})
  fixed('firstTimestamp', 'firstTimestamp', null)
  fixed('lastTimestamp', 'lastTimestamp', null)
  fixed('count', 'count', 0)
  fixed('reason')
  fixed('type')
  fixed('eventTime', 'eventTime', null)
  fixed('action')
  fixedReference('related')
  fixed('reportingComponent', 'reportingController')
  fixed('reportingInstance')
  return errors
}

import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Subdomain, dns1123SubdomainCaseless } from '../../../machinery/validation/dns-names.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'
import { inRange } from '../../../machinery/validation/value-formats.ts'
import { validateInlineVolumeSpec } from '../../core/v1/persistent-volume/inline-validation.ts'
import { checkCsiDriverName } from '../../core/v1/volume-sources.ts'
import { checkField, checkUnchanged } from '../../field-checks.ts'
import type { VolumeAttachment, VolumeAttachmentSpec, VolumeError } from '../../types.generated.ts'
import { validateSize } from './parameters.ts'

const maxMessageBytes = 1024
const maxAttacherLength = 63
const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

/** pkg/apis/storage/validation ValidateVolumeAttachment; what is declared of the type comes last. */
export function validateVolumeAttachment(attachment: VolumeAttachment): FieldError[] {
  return [...validateFields(attachment), ...validateAttacher(attachment.spec?.attacher ?? '', 'spec.attacher')]
}

export function validateVolumeAttachmentUpdate(attachment: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  const attacher = attachment.spec?.attacher ?? ''
  return [
    ...checkCsiDriverName(attacher, 'spec.attacher'),
    ...validateFields(attachment),
    ...checkUnchanged(attachment.spec, old.spec, 'spec'),
  ]
}

function validateFields({ spec, status }: VolumeAttachment): FieldError[] {
  const { persistentVolumeName } = spec?.source ?? {}
  const field = 'spec.source.persistentVolumeName'
  return [
    ...validateSource(spec?.source, 'spec.source'),
    ...checkField(spec?.nodeName ?? '', 'spec.nodeName', (name) => dns1123Subdomain(name)),
    ...validateSize(status?.attachmentMetadata, 'status.attachmentMetadata'),
    ...validateVolumeError(status?.attachError, 'status.attachError'),
    ...validateVolumeError(status?.detachError, 'status.detachError'),
    ...(persistentVolumeName === undefined
      ? []
      : checkField(persistentVolumeName, field, (name) => dns1123Subdomain(name))),
  ]
}

function validateSource(source: VolumeAttachmentSpec['source'] | undefined, field: string): FieldError[] {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source ?? {}
  if (inline && name !== undefined) return [fieldErrors.forbidden(field, exactlyOne)]
  if (inline) return validateInlineVolumeSpec(inline, `${field}.inlineVolumeSpec`)
  if (name === undefined) return [fieldErrors.required(field, exactlyOne)]
  if (name !== '') return []
  return [fieldErrors.required(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName')]
}

function validateVolumeError(error: VolumeError | undefined, field: string): FieldError[] {
  if (!error) return []
  const { message = '', errorCode } = error
  const errors: FieldError[] = []
  if (byteLength(message) > maxMessageBytes) {
    errors.push(fieldErrors.tooLong(`${field}.message`, '', maxMessageBytes))
  }
  if (errorCode !== undefined) {
    errors.push(...checkField(errorCode, `${field}.errorCode`, (code) => inRange(code, 0, 2 ** 31 - 1)))
  }
  return errors
}

function validateAttacher(name: string, field: string): FieldError[] {
  if (name === '') return [fieldErrors.required(field)]
  const errors = checkField(name, field, dns1123SubdomainCaseless)
  if ([...name].length > maxAttacherLength) errors.push(fieldErrors.tooLongCharacters(field, name, maxAttacherLength))
  return errors
}

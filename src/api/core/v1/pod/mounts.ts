import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { checkOneOf } from '../../../field-checks.ts'
import type { VolumeDevice, VolumeMount } from '../../../types.generated.ts'
import { checkDescendingPath, checkNoBacksteps } from '../paths.ts'
import type { AnyContainer } from './containers-of.ts'
import type { VolumesByName } from './volumes/volumes.ts'

/** Where a container sees volumes (pkg/apis/core/validation ValidateVolumeMounts, ValidateVolumeDevices). */
const propagations: readonly string[] = ['Bidirectional', 'HostToContainer', 'None']
const recursions: readonly string[] = ['Disabled', 'Enabled', 'IfPossible']

export function validateMounts(container: AnyContainer, volumes: VolumesByName, field: string): FieldError[] {
  const errors: FieldError[] = []
  const paths = new Set<string>()
  const devices = container.volumeDevices ?? []
  const privileged = container.securityContext?.privileged === true
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const at = `${field}[${index}]`
    const { name, mountPath, subPath, subPathExpr } = mount
    if (!name) errors.push(fieldErrors.required(`${at}.name`))
    if (!volumes.has(name)) errors.push(fieldErrors.notFound(`${at}.name`, name))
    if (!mountPath) errors.push(fieldErrors.required(`${at}.mountPath`))
    if (paths.has(mountPath)) errors.push(fieldErrors.invalid(`${at}.mountPath`, mountPath, 'must be unique'))
    paths.add(mountPath)
    if (devices.some((device) => device.name === name)) {
      errors.push(fieldErrors.invalid(`${at}.name`, name, 'must not already exist in volumeDevices'))
    }
    if (devices.some((device) => device.devicePath === mountPath)) {
      const detail = 'must not already exist as a path in volumeDevices'
      errors.push(fieldErrors.invalid(`${at}.mountPath`, mountPath, detail))
    }
    // Without the mount's index, upstream too, here and below.
    if (subPath) errors.push(...checkDescendingPath(subPath, `${field}.subPath`))
    if (subPathExpr) {
      if (subPath) {
        const detail = 'subPathExpr and subPath are mutually exclusive'
        errors.push(fieldErrors.invalid(`${at}.subPathExpr`, subPathExpr, detail))
      }
      errors.push(...checkDescendingPath(subPathExpr, `${field}.subPathExpr`))
    }
    errors.push(...checkPropagation(mount, privileged, `${field}.mountPropagation`))
    errors.push(...checkRecursiveReadOnly(mount, `${field}.recursiveReadOnly`))
    errors.push(...checkBindOptions(mount, volumes, `${at}.bindMountOptions`))
  }
  return errors
}

const bindOptions: readonly string[] = ['nodev', 'noexec', 'nosuid']

function checkBindOptions({ name, bindMountOptions = [] }: VolumeMount, volumes: VolumesByName, field: string) {
  const seen = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, option] of bindMountOptions.entries()) {
    errors.push(...checkOneOf(option, `${field}[${index}]`, bindOptions))
    if (seen.has(option)) errors.push(fieldErrors.duplicate(`${field}[${index}]`, option))
    seen.add(option)
  }
  if (bindMountOptions.length > 0 && volumes.get(name)?.image) {
    const detail = 'bindMountOptions may not be used with image volumes'
    errors.push(fieldErrors.invalid(field, bindMountOptions, detail))
  }
  return errors
}

function checkPropagation({ mountPropagation }: VolumeMount, privileged: boolean, field: string): FieldError[] {
  if (mountPropagation === undefined) return []
  if (!propagations.includes(mountPropagation)) {
    return [fieldErrors.notSupported(field, mountPropagation, propagations)]
  }
  if (mountPropagation !== 'Bidirectional' || privileged) return []
  const detail = 'Bidirectional mount propagation is available only to privileged containers'
  return [fieldErrors.forbidden(field, detail)]
}

function checkRecursiveReadOnly(mount: VolumeMount, field: string): FieldError[] {
  const { recursiveReadOnly: mode, readOnly, mountPropagation } = mount
  if (mode === undefined || mode === 'Disabled') return []
  if (!recursions.includes(mode)) return [fieldErrors.notSupported(field, mode, recursions)]
  const errors: FieldError[] = []
  if (!readOnly) errors.push(fieldErrors.forbidden(field, 'may only be specified when readOnly is true'))
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    const detail = 'may only be specified when mountPropagation is None or not specified'
    errors.push(fieldErrors.forbidden(field, detail))
  }
  return errors
}

export function validateDevices(container: AnyContainer, volumes: VolumesByName, field: string): FieldError[] {
  const errors: FieldError[] = []
  const mounts = container.volumeMounts ?? []
  const names = new Set<string>()
  const paths = new Set<string>()
  for (const [index, { name, devicePath }] of ((container.volumeDevices ?? []) as VolumeDevice[]).entries()) {
    const nameField = `${field}[${index}].name`
    const pathField = `${field}[${index}].devicePath`
    const volume = volumes.get(name)
    if (!name) errors.push(fieldErrors.required(nameField))
    if (names.has(name)) errors.push(fieldErrors.invalid(nameField, name, 'must be unique'))
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
      errors.push(fieldErrors.invalid(nameField, name, detail))
    }
    if (!volume) errors.push(fieldErrors.notFound(nameField, name))
    if (!devicePath) errors.push(fieldErrors.required(pathField))
    if (paths.has(devicePath)) errors.push(fieldErrors.invalid(pathField, devicePath, 'must be unique'))
    if (checkNoBacksteps(devicePath, pathField).length > 0) {
      errors.push(fieldErrors.invalid(pathField, devicePath, "can not contain backsteps ('..')"))
    } else paths.add(devicePath)
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(fieldErrors.invalid(nameField, name, 'must not already exist in volumeMounts'))
    }
    if (mounts.some((mount) => mount.mountPath === devicePath)) {
      const detail = 'must not already exist as a path in volumeMounts'
      errors.push(fieldErrors.invalid(pathField, devicePath, detail))
    }
    if (name) names.add(name)
  }
  return errors
}

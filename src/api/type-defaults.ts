import { admissionTypeDefaults } from './admissionregistration/v1/type-defaults.ts'
import { batchTypeDefaults } from './batch/v1/type-defaults.ts'
import { podTypeDefaults } from './core/v1/pod/type-defaults.ts'
import type { TypeDefaults } from '../machinery/schema/default.ts'
import { resourceTypeDefaults } from './resource/v1/type-defaults.ts'

/** The defaults of all types that are parts of several kinds; what belongs to one kind is in its file. */
export const typeDefaults: TypeDefaults = {
  ...podTypeDefaults,
  ...batchTypeDefaults,
  ...admissionTypeDefaults,
  ...resourceTypeDefaults,
}

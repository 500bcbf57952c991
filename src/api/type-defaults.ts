import type { TypeDefaults } from '../machinery/schema/default.ts'
import { podTypeDefaults } from './core/v1/pod/type-defaults.ts'

/** The defaults of all types that are parts of several kinds; what belongs to one kind is in its file. */
export const typeDefaults: TypeDefaults = { ...podTypeDefaults }

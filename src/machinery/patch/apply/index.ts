/** Server-side apply and the tracking of field managers: what other rooms may use. */
export {
  applyConfiguration,
  keepTimesOfNoop,
  managerName,
  trackUpdate,
  type Applied,
  type FieldManagement,
} from './field-manager.ts'
export { decodeManagers } from './managers.ts'

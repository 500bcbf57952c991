import { goLabelSelector } from '../../../machinery/labels/index.ts'
import type { ParamKind, ParamRef } from '../../types.generated.ts'

/** Cells that admission policies and their bindings share (pkg/printers/internalversion/printers.go). */
export function paramKindCell(kind: ParamKind | undefined): string {
  return kind === undefined ? '<unset>' : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`
}

export function paramRefCell(ref: ParamRef | undefined): string {
  if (ref?.name) return `${ref.namespace || '*'}/${ref.name}`
  return ref?.selector === undefined ? '<unset>' : goLabelSelector(ref.selector)
}

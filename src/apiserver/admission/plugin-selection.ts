import type { ConfigKind } from '../options/config-file.ts'
import type { Shape } from '../options/config-shape.ts'

/** What users configured of one plugin, before the plugin read it. */
export interface PluginConfiguration {
  /** Where paths in it start from. */
  readonly folder: string
  /** Reads it as a kind. Throws an Error that says what is wrong. */
  ofKind<T>(kind: ConfigKind<T>): T
  /** Reads it as what has no kind. */
  shaped<T>(shape: Shape<T>): T
}

/** Which admission plugins are on beside the usual ones, which are off, and how they work. */
export interface PluginSelection {
  readonly enabled: readonly string[]
  readonly disabled: readonly string[]
  readonly configurations: ReadonlyMap<string, PluginConfiguration>
  /** How long pods stay on nodes that are not ready or not reached. Absent: as usual. */
  readonly tolerationSeconds?: { readonly notReady?: number; readonly unreachable?: number }
}

export const usualSelection: PluginSelection = { enabled: [], disabled: [], configurations: new Map() }

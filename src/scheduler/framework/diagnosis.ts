import type { NodeInfo } from '../cache/node-info.ts'
import type { Rejection } from './rejection.ts'

/** Why a pod fits no node: what each plugin said of each node. */
export class Diagnosis {
  readonly byNode = new Map<string, Rejection>()
  /** What holds for the nodes that were not looked at; undefined: no pod of theirs is in the way. */
  others: Rejection | undefined
  /** Plugins that rejected the pod, and may be asked by events whether to try again. */
  readonly rejectors = new Set<string>()
  readonly pending = new Set<string>()
  preFilterMessage = ''
  postFilterMessage = ''

  reject(node: string, rejection: Rejection): void {
    this.byNode.set(node, rejection)
    this.blame(rejection)
  }

  blame(rejection: Rejection): void {
    if (rejection.plugin === '') return
    if (rejection.code === 'pending') this.pending.add(rejection.plugin)
    else this.rejectors.add(rejection.plugin)
  }

  /** The nodes from which pods could be taken away to make room. */
  preemptable(nodes: readonly NodeInfo[]): NodeInfo[] {
    return nodes.filter((node) => (this.byNode.get(node.name) ?? this.others)?.code === 'unschedulable')
  }
}

/** The pod fits no node. */
export class FitError extends Error {
  override readonly name = 'FitError'
  readonly nodeCount: number
  readonly diagnosis: Diagnosis
  /** It fitted one that could not be held for it: making room would not help. */
  readonly reserved: boolean
  constructor(nodeCount: number, diagnosis: Diagnosis, reserved = false) {
    super('the pod fits no node')
    this.nodeCount = nodeCount
    this.diagnosis = diagnosis
    this.reserved = reserved
  }
}

/** What users and tests read: why no node fits (scheduler framework FitError.Error). */
export function fitMessage(nodeCount: number, diagnosis: Diagnosis): string {
  let message = `0/${nodeCount} nodes are available:`
  if (diagnosis.preFilterMessage !== '') message += ` ${diagnosis.preFilterMessage}.`
  else {
    const counts = new Map<string, number>()
    const count = (rejection: Rejection, times: number) => {
      for (const reason of rejection.reasons) counts.set(reason, (counts.get(reason) ?? 0) + times)
    }
    for (const rejection of diagnosis.byNode.values()) count(rejection, 1)
    const rest = nodeCount - diagnosis.byNode.size
    if (rest > 0 && diagnosis.others) count(diagnosis.others, rest)
    const lines = [...counts].map(([reason, times]) => `${times} ${reason}`).sort()
    if (lines.length > 0) message += ` ${lines.join(', ')}.`
  }
  return diagnosis.postFilterMessage === '' ? message : `${message} ${diagnosis.postFilterMessage}`
}

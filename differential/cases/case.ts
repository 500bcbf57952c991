import type { Answer, Send } from '../servers/client.ts'

/** What a case may keep for those after it, on each server by itself. */
export type Memory = Map<string, unknown>

export interface Case {
  /** `apps/v1 Deployment`, or the part of the protocol it is about. */
  readonly kind: string
  readonly name: string
  /** Sends its requests to one server and gives back the answers that are compared. */
  run(send: Send, memory: Memory): Promise<readonly Answer[]>
}

/** Cases that may run beside each other, after those of the phases before. */
export interface Phase {
  readonly name: string
  readonly cases: readonly Case[]
  /** In the order given, one at a time: they build on each other. */
  readonly inOrder?: boolean
}

/** A long-lived part of a cluster. Whoever assembles it owns it: what `start` began, `stop` ends, timers and sockets included. */
export interface Component {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}

/** Things by id that belong to pods: those of one pod are found without looking at all others. */
export class ByPod<Thing> {
  readonly #all = new Map<string, Thing>()
  readonly #pods = new Map<string, Map<string, Thing>>()
  readonly #podOf: (thing: Thing) => string

  constructor(podOf: (thing: Thing) => string) {
    this.#podOf = podOf
  }

  get(id: string): Thing | undefined {
    return this.#all.get(id)
  }

  set(id: string, thing: Thing): void {
    this.#all.set(id, thing)
    const pod = this.#podOf(thing)
    const mine = this.#pods.get(pod)
    if (mine === undefined) this.#pods.set(pod, new Map([[id, thing]]))
    else mine.set(id, thing)
  }

  delete(id: string): void {
    const thing = this.#all.get(id)
    if (thing === undefined) return
    this.#all.delete(id)
    const pod = this.#podOf(thing)
    const mine = this.#pods.get(pod)
    mine?.delete(id)
    if (mine?.size === 0) this.#pods.delete(pod)
  }

  /** In the order in which they came; of all pods when none is named. */
  of(pod: string | undefined): Iterable<Thing> {
    return pod === undefined ? this.#all.values() : (this.#pods.get(pod)?.values() ?? [])
  }
}

import type { HPAScalingRules } from '../../api/types.generated.ts'

interface Entry {
  readonly value: number
  readonly time: number
}

/** What was recommended and done for one autoscaler in the last while. Times in epoch milliseconds. */
export class ScaleHistory {
  #recommendations: Entry[] | undefined
  #ups: Entry[] = []
  #downs: Entry[] = []

  /** Remembers where it began, so that a restart does not scale down at once. */
  begin(replicas: number, now: number): void {
    this.#recommendations ??= [{ value: replicas, time: now }]
  }
  recommend(value: number, now: number, keepMs: number): void {
    const kept = (this.#recommendations ?? []).filter(({ time }) => time >= now - keepMs)
    this.#recommendations = [...kept, { value, time: now }]
  }
  recommendationsSince(time: number): readonly number[] {
    return (this.#recommendations ?? []).filter((entry) => entry.time > time).map(({ value }) => value)
  }
  scaled(from: number, to: number, rules: HPAScalingRules | undefined, now: number): void {
    const longestMs = Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds)) * 1000
    const kept = (entries: readonly Entry[]) => entries.filter(({ time }) => time >= now - longestMs)
    if (to > from) this.#ups = [...kept(this.#ups), { value: to - from, time: now }]
    else this.#downs = [...kept(this.#downs), { value: from - to, time: now }]
  }
  /** How many replicas there were `periodSeconds` ago, when there are `current` now. */
  replicasBefore(periodSeconds: number, current: number, now: number): number {
    const change = (entries: readonly Entry[]) =>
      entries.reduce((sum, { value, time }) => (time > now - periodSeconds * 1000 ? sum + value : sum), 0)
    return current - change(this.#ups) + change(this.#downs)
  }
}

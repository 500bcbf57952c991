import { compileDeviceExpression, type DeviceExpression } from '../../../../api/resource/v1/device-selector.ts'

/** Keeps the newest few: classes and claims say the same over and over. */
export class ExpressionCache {
  readonly #most = 100
  readonly #known = new Map<string, DeviceExpression | Error>()

  /** Throws DeviceExpressionError. */
  get(text: string, returns: 'bool' | 'attribute' = 'bool'): DeviceExpression {
    const key = `${returns} ${text}`
    let known = this.#known.get(key)
    if (known === undefined) {
      try {
        known = compileDeviceExpression(text, returns)
      } catch (error) {
        known = error as Error
      }
      const [oldest] = this.#known.keys()
      if (this.#known.size >= this.#most && oldest !== undefined) this.#known.delete(oldest)
      this.#known.set(key, known)
    }
    if (known instanceof Error) throw known
    return known
  }
}

import type { UtilizationShapePoint } from '../configuration/types.ts'
import { maxScore } from '../framework/plugin.ts'

const maxPointScore = 10

/**
 * A broken line through points of utilization (0 … 100) and score (0 … 10), as a score (0 … maxScore) of what is requested of
 * a capacity; whole numbers all along (plugins/helper/shape_score.go).
 */
export function shapeFunction(
  shape: readonly UtilizationShapePoint[],
): (requested: number, capacity: number) => number {
  const points = shape.map(({ utilization, score }) => ({ utilization, score: score * (maxScore / maxPointScore) }))
  const scoreAt = (utilization: number): number => {
    const index = points.findIndex((point) => utilization <= point.utilization)
    if (index < 0) return points.at(-1)?.score ?? 0
    const to = points[index]!
    const from = points[index - 1]
    if (from === undefined) return to.score
    const rise = (to.score - from.score) * (utilization - from.utilization)
    return from.score + Math.trunc(rise / (to.utilization - from.utilization))
  }
  return (requested, capacity) =>
    capacity === 0 || requested > capacity ? scoreAt(100) : scoreAt(Math.trunc((requested * 100) / capacity))
}

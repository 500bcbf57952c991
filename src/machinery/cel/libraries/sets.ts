import { actualSize } from '../cost/call-cost.ts'
import type { OverloadCost } from '../cost/cost-model.ts'
import { byFactor, plus, times, unit, unknownEstimate } from '../cost/estimate.ts'
import type { Library } from '../environment.ts'
import { contains } from '../equality.ts'
import { overload } from '../function.ts'
import { boolType, listOf, typeParam } from '../type.ts'
import type { ListValue } from '../value.ts'

const list = listOf(typeParam('T'))
const covers = (of: ListValue, part: ListValue) => [...part].every((item) => contains(of, item))

/** Each element may be compared with each of the other list. */
const comparing = (factor: number): OverloadCost => ({
  estimate(_estimator, _target, [a, b]) {
    const pairs = times(a?.size ?? unknownEstimate, b?.size ?? unknownEstimate)
    return { cost: plus(byFactor(pairs, factor), unit) }
  },
  track: ([a, b]) => 1 + actualSize(a!) * actualSize(b!) * factor,
})

/** Lists as sets (cel-go ext/sets.go). */
export const setLibrary: Library = {
  functions: [
    { name: 'sets.contains', overloads: [overload('list_sets_contains_list', [list, list], boolType, covers)] },
    {
      name: 'sets.equivalent',
      overloads: [
        overload(
          'list_sets_equivalent_list',
          [list, list],
          boolType,
          (a: ListValue, b: ListValue) => covers(a, b) && covers(b, a),
        ),
      ],
    },
    {
      name: 'sets.intersects',
      overloads: [
        overload('list_sets_intersects_list', [list, list], boolType, (a: ListValue, b: ListValue) =>
          [...a].some((item) => contains(b, item)),
        ),
      ],
    },
  ],
  costs: new Map([
    ['list_sets_contains_list', comparing(1)],
    ['list_sets_intersects_list', comparing(1)],
    ['list_sets_equivalent_list', comparing(2)],
  ]),
}

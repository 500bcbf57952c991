import type { Difference } from './compare/differences.ts'
import type { Outcome } from './compare/run-cases.ts'

/** Outcomes that differ in the same way: one cause, more likely than not. */
export interface Group {
  readonly signature: string
  readonly outcomes: readonly Outcome[]
}

/** Most frequent first. */
export function grouped(outcomes: readonly Outcome[]): readonly Group[] {
  const groups = new Map<string, Outcome[]>()
  for (const outcome of outcomes) {
    if (outcome.differences.length === 0) continue
    const signature = signatureOf(outcome.differences)
    groups.set(signature, [...(groups.get(signature) ?? []), outcome])
  }
  return [...groups]
    .map(([signature, members]) => ({ signature, outcomes: members }))
    .toSorted((a, b) => b.outcomes.length - a.outcomes.length)
}

/** The first difference that tells most: a message before a code, without what is particular to one case. */
function signatureOf(differences: readonly Difference[]): string {
  const telling = differences.find(({ path }) => path.endsWith('.message')) ?? differences[0]!
  const path = telling.path.replace(/\[\d+\]/g, '[]').replace(/^step \d+ /, '')
  if (path.endsWith('(order)')) return path
  const plain = (value: unknown) =>
    (JSON.stringify(value) ?? 'nothing')
      .replace(/\d+/g, 'N')
      .replace(/\\"[^"]*?\\"/g, '"…"')
      .slice(0, 300)
  return `${path}: upstream ${plain(telling.upstream)}, skiff ${plain(telling.skiff)}`
}

export function reportText(groups: readonly Group[], casesPerGroup: number): string {
  return groups
    .map(({ signature, outcomes }) => {
      const cases = outcomes.slice(0, casesPerGroup).map(caseText)
      return `${outcomes.length} × ${signature}\n${cases.join('\n')}\n`
    })
    .join('\n')
}

function caseText({ kind, name, differences }: Outcome): string {
  const lines = differences
    .slice(0, 8)
    .map(
      ({ path, upstream, skiff }) =>
        `      ${path}\n        upstream ${shown(upstream)}\n        skiff    ${shown(skiff)}`,
    )
  return `  ${kind}: ${name}\n${lines.join('\n')}`
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? '(absent)').slice(0, 1200)

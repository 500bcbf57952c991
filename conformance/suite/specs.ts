/** One line of a list of specs: its name, and in results what came of it. */
export interface SpecResult {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly seconds: number
}

/** Reads `name TAB outcome TAB seconds` lines; the columns after the name may be missing. */
export function parseResults(text: string): SpecResult[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', outcome = 'passed', seconds = '0'] = line.split('\t')
      return { name, outcome: outcome as SpecResult['outcome'], seconds: Number(seconds) }
    })
}

export function formatResults(results: readonly SpecResult[]): string {
  return results.map(({ name, outcome, seconds }) => `${name}\t${outcome}\t${seconds}\n`).join('')
}

/** Serial specs disturb their neighbours and run alone. */
export function isSerial(name: string): boolean {
  return name.includes('[Serial]')
}

/** A ginkgo focus that matches exactly these names. */
export function focusOf(names: readonly string[]): string {
  return `(${names.map((name) => name.replace(/[\][\\.|$(){}?+*^]/g, '\\$&')).join('|')})$`
}

/**
 * The `index`-th of as many slices as keep each below `limitSeconds`, by upstream's seconds for each spec; slow ones are
 * spread, so that the slices take about as long as each other.
 */
export function sliceOf(
  names: readonly string[],
  secondsOf: (name: string) => number,
  limitSeconds: number,
  index: number,
): string[] {
  const total = names.reduce((sum, name) => sum + secondsOf(name), 0)
  const count = Math.max(1, Math.ceil(total / limitSeconds))
  const slowestFirst = names.toSorted((a, b) => secondsOf(b) - secondsOf(a) || (a < b ? -1 : 1))
  return slowestFirst.filter((_name, position) => position % count === index % count)
}

interface GinkgoReport {
  readonly SpecReports?: readonly {
    readonly LeafNodeType: string
    readonly LeafNodeText: string
    readonly ContainerHierarchyTexts: readonly string[] | null
    readonly State: string
    readonly RunTime: number
    readonly Failure?: {
      readonly Message?: string
      readonly Location?: { readonly FileName?: string; readonly LineNumber?: number }
    }
  }[]
}

/** What ran, of ginkgo's JSON report; failures with their messages. */
export function readReport(json: string): { results: SpecResult[]; failures: ReadonlyMap<string, string> } {
  const reports = (JSON.parse(json) as GinkgoReport[]).flatMap((suite) => suite.SpecReports ?? [])
  const failures = new Map<string, string>()
  const results = reports.flatMap((report): SpecResult[] => {
    if (report.LeafNodeType !== 'It') return []
    const message = report.Failure?.Message ?? ''
    // A spec that a filter left out is skipped too, but without a message.
    if (report.State === 'skipped' && message === '') return []
    const name = [...(report.ContainerHierarchyTexts ?? []), report.LeafNodeText].join(' ')
    const outcome = report.State === 'passed' || report.State === 'skipped' ? report.State : 'failed'
    if (outcome === 'failed')
      failures.set(
        name,
        `${message}\n  at ${report.Failure?.Location?.FileName ?? '?'}:${report.Failure?.Location?.LineNumber ?? '?'}`,
      )
    return [{ name, outcome, seconds: Math.round(report.RunTime / 1e9) }]
  })
  return { results: results.toSorted((a, b) => (a.name < b.name ? -1 : 1)), failures }
}

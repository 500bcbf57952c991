import type { Clock } from '../../machinery/clock.ts'
import { formatTime } from '../../machinery/clock.ts'
import type { BuildInfo } from '../../machinery/process-metrics.ts'
import type { Zpage } from './zpage.ts'

/** Paths of the API itself, which tell nothing of the process. */
const apiPaths: ReadonlySet<string> = new Set(['/apis', '/api', '/openid', '/openapi', '/.well-known'])

/** Since when the process runs, of what version it is, and where it tells more. */
export function statuszPage(options: {
  readonly component: string
  readonly build: BuildInfo
  readonly paths: () => readonly string[]
  readonly startedMs: number
  readonly clock: Clock
}): Zpage {
  const { component, build, startedMs, clock } = options
  const uptimeSeconds = () => Math.max(0, Math.floor((clock.now() - startedMs) / 1000))
  const facts = {
    goVersion: build.goVersion,
    binaryVersion: build.gitVersion.slice(1),
    emulationVersion: `${build.emulationMajor}.${build.emulationMinor}`,
  }
  return {
    kind: 'Statusz',
    component,
    fields: () => ({
      startTime: formatTime(startedMs),
      uptimeSeconds: uptimeSeconds(),
      ...facts,
      paths: folders(options.paths()),
    }),
    text: (delimiter) =>
      [
        '',
        `Started${delimiter} ${unixDate(startedMs)}`,
        `Up${delimiter} ${durationText(uptimeSeconds())}`,
        `Go version${delimiter} ${facts.goVersion}`,
        `Binary version${delimiter} ${facts.binaryVersion}`,
        `Emulation version${delimiter} ${facts.emulationVersion}`,
        `Paths${delimiter} ${folders(options.paths()).join(' ')}`,
        '',
      ].join('\n'),
  }
}

/** The first segments of paths. */
function folders(paths: readonly string[]): readonly string[] {
  const found = new Set(paths.map((path) => `/${path.split('/')[1] ?? ''}`))
  return [...found].filter((folder) => folder !== '/' && !apiPaths.has(folder)).sort()
}

function durationText(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${Math.floor(seconds / 3600)} hr ${two(Math.floor(seconds / 60) % 60)} min ${two(seconds % 60)} sec`
}

/** `Sat Nov 21 13:51:14 UTC 2026`; Go's UnixDate pads the day with a blank. */
function unixDate(ms: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(ms).toUTCString().split(' ')
  return `${weekday.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${time} UTC ${year}`
}

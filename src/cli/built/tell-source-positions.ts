import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sourcePosition, type SourceMapText } from './source-position.ts'

const most = 1000
const place = /(?:file:\/\/)?(\/[^()]*?\.js):(\d+):(\d+)/

/**
 * Makes stack traces of this process name the sources where they would name files of the build in this folder. A map is read
 * when a stack is, and not kept.
 */
export function tellSourcePositions(buildFolder: string): void {
  const told = new Map<string, string>()
  const tell = (built: string, file: string, line: string, column: string): string => {
    const known = file.startsWith(`${buildFolder}/`) ? told.get(built) : built
    if (known !== undefined) return known
    const position = positionIn(file, Number(line), Number(column))
    const text = position === undefined ? built : `${position.file}:${position.line}:${position.column}`
    if (told.size < most) told.set(built, text)
    return text
  }
  Error.prepareStackTrace = (error, sites) =>
    [headline(error), ...sites.map((site) => `    at ${String(site).replace(place, tell)}`)].join('\n')
}

function positionIn(file: string, line: number, column: number) {
  try {
    const map = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapText
    const position = sourcePosition(map, line, column)
    return position && { ...position, file: join(dirname(file), position.source) }
  } catch {
    return undefined
  }
}

function headline(error: Error): string {
  try {
    return String(error)
  } catch {
    return 'Error'
  }
}

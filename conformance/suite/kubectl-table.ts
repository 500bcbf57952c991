import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kitFolder } from './cluster.ts'

const folder = join(import.meta.dirname, '../kubectl')

/** A line of commands.txt. */
export interface TableCommand {
  readonly text: string
  readonly words: readonly string[]
  readonly input: string
}

/** Splits as a shell does, with single quotes only. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))
}

/** The blocks `### NAME` of a file. */
export function blocksOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split(/^### /m)
      .slice(1)
      .map((block) => [block.slice(0, block.indexOf('\n')).trim(), block.slice(block.indexOf('\n') + 1)]),
  )
}

export function tableCommands(): TableCommand[] {
  const blocks = blocksOf(readFileSync(join(folder, 'manifests.yaml'), 'utf8'))
  return readFileSync(join(folder, 'commands.txt'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((text) => {
      const [line = '', name] = text.split(' <<< ')
      const input = name === undefined ? '' : blocks.get(name.trim())
      if (input === undefined) throw new Error(`no block ${name}`)
      return { text, words: wordsOf(line), input }
    })
}

/** What is different each time is made alike: times, ages, ids, addresses, random names, and runs of spaces. */
export function likened(text: string, server: string): string {
  return text
    .replaceAll(server, 'SERVER')
    .replaceAll(new URL(server).port, 'PORT')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, 'TIME')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/resourceVersion: "\d+"/g, 'resourceVersion: RV')
    .replace(/"resourceVersion":"\d+"/g, '"resourceVersion":"RV"')
    .replace(/\b10\.(96|244)\.\d+\.\d+/g, 'ADDRESS')
    .replace(/\b3[0-2]\d{3}\b/g, 'NODEPORT')
    .replace(/([-=])[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, '$1HASH')
    .replace(/(-HASH)?-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-RANDOM')
    .replace(/\b(\d+(ms|s|m|h)|<unknown>|<invalid>)+\b/g, 'AGE')
    .replace(/eyJ[\w.-]+/g, 'TOKEN')
    .replace(/(LIVE|MERGED)-\d+/g, '$1')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, 'TIME')
    .replace(/Resource Version:\s+\d+/g, 'Resource Version: RV')
    .replace(/[ \t]+/g, ' ')
    .replace(/ +$/gm, '')
}

export interface TableAnswer {
  readonly code: number | null
  readonly output: string
}

/** Known differences: command → reason. */
export function explainedCommands(): ReadonlyMap<string, string> {
  return new Map(
    readFileSync(join(folder, 'explained.tsv'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('\t') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]),
  )
}

/** Lines that only one of two answers has: `- ` upstream's, `+ ` ours. */
export function differingLines(upstream: string, ours: string): string[] {
  const [theirs, mine] = [upstream.split('\n'), ours.split('\n')]
  return [
    ...theirs.filter((line) => !mine.includes(line)).map((line) => `- ${line}`),
    ...mine.filter((line) => !theirs.includes(line)).map((line) => `+ ${line}`),
  ]
}

/** Runs the table against one cluster, command after command. */
export function runTable(kubeconfig: string, commands: readonly TableCommand[]): TableAnswer[] {
  const scratch = mkdtempSync(join(tmpdir(), 'skiff-kubectl-'))
  const server = /server: "?(\S+?)"?\n/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? ''
  try {
    return commands.map(({ words, input }) => {
      const { status, stdout, stderr } = spawnSync(join(kitFolder, 'bin/kubectl'), words, {
        input,
        encoding: 'utf8',
        timeout: 90_000,
        cwd: scratch,
        env: { PATH: process.env['PATH'], HOME: scratch, KUBECONFIG: kubeconfig, TMPDIR: scratch },
      })
      return { code: status, output: likened(`${stdout}${stderr}`, server).replaceAll(scratch, 'FOLDER') }
    })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

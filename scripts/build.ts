/**
 * `npm run build`: makes of the sources some hundred files that start faster and take less memory than 1,400 (the launcher
 * does it by itself at `skiff up`, where esbuild is installed). Each build has its own folder, `dist/HASH`, for a cluster that
 * runs loads parts of its build later; `dist/current` names the newest. Exits 3 when there is no esbuild.
 */
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { bundle } from './build/bundle.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const kept = 4

const began = new Date(performance.timeOrigin)
const files = await bundle(root)
if (files === undefined) {
  console.error('esbuild is not installed: npm ci installs it')
  process.exit(3)
}
const hash = createHash('sha256')
for (const { path, contents } of files) hash.update(`${path} ${contents.byteLength} `).update(contents)
const name = hash.digest('hex').slice(0, 12)

mkdirSync(dist, { recursive: true })
const made = mkdtempSync(join(dist, 'new-'))
for (const { path, contents } of files) {
  const file = join(made, 'build', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, contents)
}
try {
  renameSync(join(made, 'build'), join(dist, name))
} catch (error) {
  // The same build is there already.
  if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
}
// What was written after the build began makes it stale.
const stamp = join(dist, name, 'built')
writeFileSync(stamp, '')
utimesSync(stamp, began, began)
symlinkSync(name, join(made, 'current'))
renameSync(join(made, 'current'), join(dist, 'current'))
rmSync(made, { recursive: true, force: true })

const age = (folder: string): number => statSync(join(folder, 'built'), { throwIfNoEntry: false })?.mtimeMs ?? Infinity
const builds = readdirSync(dist, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(dist, entry.name))
  .toSorted((a, b) => age(b) - age(a))
for (const old of builds.filter((folder) => age(folder) !== Infinity).slice(kept))
  rmSync(old, { recursive: true, force: true })
console.log(`${relative(root, join(dist, name))}: ${files.length} files in ${Math.round(performance.now())} ms`)

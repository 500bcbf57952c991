import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import table from './feature-gates.generated.json' with { type: 'json' }
import { gatePlaces, idleGates } from './gate-places.ts'

const root = join(import.meta.dirname, '../../..')
const facts = Object.entries(table as Readonly<Record<string, { readonly locked?: boolean }>>)
const switchable = facts.flatMap(([name, { locked }]) => (locked ? [] : [name]))
const idle = Object.values(idleGates).flat()

test('every gate of upstream that can be switched acts somewhere, or it is said why it does not', () => {
  assert.deepEqual([...Object.keys(gatePlaces), ...idle].toSorted(), switchable.toSorted())
})

test('a gate is asked for where it is said to act', () => {
  for (const [gate, files] of Object.entries(gatePlaces)) {
    assert.ok(files.length > 0, gate)
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8')
      assert.match(text, new RegExp(`'${gate}'|'${gate}: |\\b${gate}\\?`), `${file} does not ask for ${gate}`)
    }
  }
})

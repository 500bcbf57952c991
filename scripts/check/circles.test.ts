import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCircles } from './circles.ts'

const file = (path: string, ...imports: string[]) => ({
  path,
  text: imports.map((from) => `import type { X } from '${from}'\n`).join(''),
})

test('files that import each other are told with what ties them', () => {
  assert.deepEqual(checkCircles([file('a/a.ts', './b.ts'), file('a/b.ts', '../c.ts'), file('c.ts', './a/a.ts')]), [
    '3 files import each other in a circle:\n  a/a.ts -> a/b.ts\n  a/b.ts -> c.ts\n  c.ts -> a/a.ts',
  ])
  assert.equal(checkCircles([file('a.ts', './b.ts', './c.ts'), file('b.ts', './c.ts'), file('c.ts')]).length, 0)
})

test('imports over several lines count, what is asked for while the program runs does not', () => {
  const one = { path: 'a.ts', text: "import {\n  x,\n  y,\n} from './b.ts'\n" }
  assert.equal(checkCircles([one, file('b.ts', './a.ts')]).length, 1)
  assert.equal(checkCircles([one, { path: 'b.ts', text: "await import('./a.ts')\n" }]).length, 0)
})

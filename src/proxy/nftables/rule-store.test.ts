import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Element, Fragment } from './fragment.ts'
import { RuleStore } from './rule-store.ts'
import { isServiceChain } from './table.ts'

const options = { family: 4, name: 't', podCidrs: [], serviceCidrs: [] } as const
const none = { chains: [], sets: [] }

const fragment = (
  chains: Record<string, string[]>,
  elements: Element[],
  affinity: Record<string, number> = {},
): Fragment => ({
  chains: new Map(Object.entries(chains)),
  affinitySets: new Map(Object.entries(affinity)),
  elements,
})
const at = (key: string, value: string): Element => ({ set: 'service-ips', key, value })

test('only what changed is written, in an order that the kernel takes', () => {
  const store = new RuleStore(options)
  store.replace(
    'a',
    fragment({ 'cluster/a': ['dnat to 1'] }, [at('1 . tcp . 80', 'goto cluster/a')], { 'affinity/a': 60 }),
  )
  store.replace('b', fragment({ 'cluster/b': ['dnat to 2'] }, [at('2 . tcp . 80', 'goto cluster/b')]))
  store.full(none).committed()
  assert.equal(store.incremental().text, '')
  store.replace('a', fragment({ 'cluster/a': ['dnat to 3'], 'local/a': [] }, [at('1 . tcp . 80', 'goto local/a')]))
  const change = store.incremental()
  assert.equal(
    change.text,
    [
      'add chain ip t cluster/a',
      'add chain ip t local/a',
      'flush chain ip t cluster/a',
      'add rule ip t cluster/a dnat to 3',
      'flush chain ip t local/a',
      '',
      'delete element ip t service-ips { 1 . tcp . 80 }',
      'add element ip t service-ips { 1 . tcp . 80 : goto local/a }',
      'delete set ip t affinity/a',
      '',
    ].join('\n'),
  )
  assert.deepEqual(change.committed(), [])
  store.replace('b', undefined)
  const removal = store.incremental()
  assert.equal(removal.text, 'delete element ip t service-ips { 2 . tcp . 80 }\nflush chain ip t cluster/b\n')
  const stale = removal.committed()
  assert.equal(store.deletion(stale), 'delete chain ip t cluster/b\n')
  store.replace('b', fragment({ 'cluster/b': [] }, []))
  store.incremental().committed()
  assert.equal(store.deletion(stale), '', 'it came back')
})

test('of two services that claim an address the first by name has it, until it goes', () => {
  const store = new RuleStore(options)
  store.replace('b', fragment({}, [at('1 . tcp . 80', 'goto b')]))
  store.full(none).committed()
  store.replace('a', fragment({}, [at('1 . tcp . 80', 'goto a')]))
  const taken = store.incremental()
  assert.match(taken.text, /^delete element .*\nadd element .* : goto a }\n$/)
  taken.committed()
  store.replace('a', undefined)
  assert.match(store.incremental().text, /: goto b }/)
})

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => a.localeCompare(b)

/** The kernel, as far as names go. It fails as nft does: what is deleted must be there, what is added must not. */
class Kernel {
  readonly chains = new Map<string, string[]>()
  readonly elements = new Map<string, string>()
  readonly sets = new Set<string>()
  load(text: string): void {
    for (const line of text.split('\n')) {
      const [verb, what, , , name = '', ...rest] = line.split(' ')
      if (what === 'chain' && verb === 'add') this.chains.set(name, this.chains.get(name) ?? [])
      else if (what === 'chain' && verb === 'flush') {
        assert.ok(this.chains.has(name), line)
        this.chains.set(name, [])
      } else if (what === 'chain') {
        assert.ok(this.chains.get(name)?.length === 0 || !isServiceChain(name), line)
        assert.ok(this.chains.delete(name), line)
        assert.ok(![...this.elements.values()].includes(`goto ${name}`), line)
      } else if (what === 'rule') this.chains.get(name)!.push(rest.join(' '))
      else if (what === 'element') {
        for (const element of line.slice(line.indexOf('{') + 1, line.indexOf('}')).split(', ')) {
          const [key = '', value = ''] = element.split(' : ').map((part) => part.trim())
          if (verb === 'add') assert.ok(!this.elements.has(`${name} ${key}`), line)
          else assert.ok(this.elements.has(`${name} ${key}`), line)
          if (verb === 'add') this.elements.set(`${name} ${key}`, value)
          else this.elements.delete(`${name} ${key}`)
        }
      } else if (verb === 'flush') {
        for (const id of this.elements.keys()) if (id.startsWith(`${name} `)) this.elements.delete(id)
      } else if (what === 'set' && verb === 'delete') assert.ok(this.sets.delete(name), line)
      else if (what === 'set' && name.startsWith('affinity/')) this.sets.add(name)
    }
  }
  services() {
    const chains = [...this.chains].filter(([name, rules]) => isServiceChain(name) && rules.length > 0).sort(byName)
    return { chains, elements: [...this.elements].sort(byName), sets: [...this.sets].sort() }
  }
}

test('any sequence of changes, failures and restarts leaves what a fresh load would', () => {
  const fragments = fc.record({
    rules: fc.array(fc.constantFrom('x', 'y'), { minLength: 1, maxLength: 2 }),
    keys: fc.uniqueArray(fc.constantFrom('1', '2', '3'), { maxLength: 3 }),
    sticky: fc.boolean(),
  })
  const step = fc.record({
    owner: fc.constantFrom('a', 'b', 'c'),
    now: fc.option(fragments, { nil: undefined }),
    load: fc.constantFrom('incremental', 'none', 'fail', 'restart', 'clean'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const kernel = new Kernel()
      const wanted = new Map<string, Fragment>()
      let store = new RuleStore(options)
      const existing = () => ({ chains: [...kernel.chains.keys()], sets: [...kernel.sets] })
      let full = true
      let stale: readonly string[] = []
      const load = () => {
        const transaction = full ? store.full(existing()) : store.incremental()
        kernel.load(transaction.text)
        stale = [...stale, ...transaction.committed()]
        full = false
      }
      for (const { owner, now, load: how } of steps) {
        const next =
          now &&
          fragment(
            { [`cluster/${owner}`]: now.rules },
            now.keys.map((key) => at(key, `goto cluster/${owner}`)),
            now.sticky ? { [`affinity/${owner}`]: 60 } : {},
          )
        if (next === undefined) wanted.delete(owner)
        else wanted.set(owner, next)
        store.replace(owner, next)
        if (how === 'fail') {
          const transaction = full ? store.full(existing()) : store.incremental()
          transaction.failed()
          full = true
        } else if (how === 'restart') {
          store = new RuleStore(options)
          for (const [name, value] of wanted) store.replace(name, value)
          full = true
          stale = []
        } else if (how === 'clean' && !full) {
          load()
          kernel.load(store.deletion([...new Set(stale)].filter((name) => kernel.chains.has(name))))
          stale = []
        } else if (how === 'incremental') load()
      }
      load()
      const fresh = new Kernel()
      const other = new RuleStore(options)
      for (const [name, value] of wanted) other.replace(name, value)
      fresh.load(other.full(none).text)
      assert.deepEqual(kernel.services(), fresh.services())
    }),
    { numRuns: 300 },
  )
})

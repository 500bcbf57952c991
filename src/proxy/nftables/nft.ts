import { CommandError, type RunCommand } from '../../machinery/command.ts'
import type { ExistingTable } from './table.ts'

interface Listed {
  readonly nftables?: readonly {
    readonly chain?: { readonly table?: string; readonly name?: string }
    readonly set?: { readonly table?: string; readonly name?: string }
  }[]
}

/** The chains and sets of a table that the kernel has; none when there is no such table. */
export async function existingTable(run: RunCommand, family: 4 | 6, table: string): Promise<ExistingTable> {
  const ip = family === 6 ? 'ip6' : 'ip'
  const list = async (...what: string[]) => {
    const { stdout } = await run('nft', ['-j', '-t', 'list', ...what, ip])
    return (stdout.trim() === '' ? {} : (JSON.parse(stdout) as Listed)).nftables ?? []
  }
  const [chains, sets] = await Promise.all([list('chains'), list('sets')])
  return {
    chains: chains.flatMap(({ chain }) => (chain?.table === table && chain.name !== undefined ? [chain.name] : [])),
    sets: sets.flatMap(({ set }) => (set?.table === table && set.name !== undefined ? [set.name] : [])),
  }
}

/** Whether a chain is there; nft's failure for any other reason is thrown. */
export async function chainExists(run: RunCommand, family: 4 | 6, table: string, chain: string): Promise<boolean> {
  try {
    await run('nft', ['-t', 'list', 'chain', family === 6 ? 'ip6' : 'ip', table, chain])
    return true
  } catch (error) {
    if (error instanceof CommandError && error.code === 1) return false
    throw error
  }
}

import { CommandError, type RunCommand } from '../../machinery/command.ts'
import { isIpv6Text } from '../../machinery/ip.ts'
import type { MachineNetwork } from './machine-network.ts'

/**
 * Some hosts forward nothing that they were not told of: Docker and ufw set such a policy, and br_netfilter applies it
 * even between two machines on one bridge. A rule of another nft table cannot overrule it, so ours must stand in theirs.
 */
const toolOf = (subnet: string) => (isIpv6Text(subnet) ? 'ip6tables' : 'iptables')

/** The rules that let a bridge's traffic through, without their verb. */
export function forwardRules(bridge: string): string[][] {
  return ['-i', '-o'].map((direction) => [
    'FORWARD',
    direction,
    bridge,
    '-m',
    'comment',
    '--comment',
    bridge,
    '-j',
    'ACCEPT',
  ])
}

/** Whether the output of `iptables -S FORWARD` may hold up what is forwarded. */
export function isRestrictive(rules: string): boolean {
  return /^-P FORWARD DROP$|-j (?:DROP|REJECT)\b/m.test(rules)
}

/** Lets the machines' traffic pass a restrictive host. Nothing happens where there is no iptables, or no restriction. */
export async function openFirewall(run: RunCommand, network: MachineNetwork): Promise<void> {
  for (const tool of new Set(network.subnets.map(toolOf))) {
    const present = await list(run, tool)
    if (present === undefined || !isRestrictive(present)) continue
    for (const rule of forwardRules(network.bridge)) {
      const there = await run(tool, ['-w', '-C', ...rule]).then(
        () => true,
        () => false,
      )
      if (!there) await run(tool, ['-w', '-I', ...rule])
    }
  }
}

/** Takes the rules away again. */
export async function closeFirewall(run: RunCommand, network: MachineNetwork): Promise<void> {
  for (const tool of new Set(network.subnets.map(toolOf))) {
    if ((await list(run, tool))?.includes(`--comment ${network.bridge} `) !== true) continue
    for (const rule of forwardRules(network.bridge)) await run(tool, ['-w', '-D', ...rule]).catch(() => undefined)
  }
}

async function list(run: RunCommand, tool: string): Promise<string | undefined> {
  try {
    return (await run(tool, ['-w', '-S', 'FORWARD'])).stdout
  } catch (error) {
    if (error instanceof CommandError) return undefined
    throw error
  }
}

import { readFileSync } from 'node:fs'
import { defineCommand } from '../command/command.ts'
import { stringFlag } from '../command/flags.ts'

/** Run by the cluster process inside a node's machine. */
export const nodeAgentCommand = defineCommand({
  name: 'node-agent',
  summary: 'Run the parts of a node: kubelet, proxy, DNS, routes.',
  hidden: true,
  flags: { config: stringFlag('What the cluster tells the node.', { placeholder: 'FILE' }) },
  async run(flags, _args, { stdout, signal }) {
    const { createLogger } = await import('../../machinery/log.ts')
    const { systemClock } = await import('../../machinery/clock.ts')
    const { createAgentIdentity } = await import('../../cluster/node/agent-identity.ts')
    const { collectStart } = await import('../collect-start.ts')
    const config = JSON.parse(
      readFileSync(flags.config, 'utf8'),
    ) as import('../../cluster/node/agent-config.ts').AgentConfig
    const log = createLogger({
      level: config.logLevel,
      write: stdout,
      now: () => systemClock.now(),
      fields: { node: config.nodeName },
    })
    process.on('uncaughtException', (error) => log.error('uncaught exception', { error }))
    process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }))
    const identity = createAgentIdentity(config, log)
    // The certificate comes while all else is loaded.
    identity.start()
    const { createNodeAgent } = await import('../../cluster/node/agent.ts')
    const agent = createNodeAgent(config, identity, log)
    await agent.start()
    identity.serve()
    log.info('node agent started')
    void collectStart(signal)
    await new Promise<void>((resolve) =>
      signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
    )
    await agent.stop()
    await identity.stop()
    return 0
  },
})

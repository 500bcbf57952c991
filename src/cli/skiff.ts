import { defineCommand, type Command } from './command/command.ts'
import { apiserverCommand } from './commands/apiserver.ts'
import { completionCommand, hiddenCompleteCommand } from './commands/completion.ts'
import { controllersCommand } from './commands/controllers.ts'
import { downCommand } from './commands/down.ts'
import { envtestCommand } from './commands/envtest.ts'
import { imageCommand } from './commands/image.ts'
import { kubeconfigCommand } from './commands/kubeconfig.ts'
import { logsCommand } from './commands/logs.ts'
import { nodeAgentCommand } from './commands/node-agent.ts'
import { resetCommand } from './commands/reset.ts'
import { schedulerCommand } from './commands/scheduler.ts'
import { simulatedNodesCommand } from './commands/simulated-nodes.ts'
import { statusCommand } from './commands/status.ts'
import { upCommand } from './commands/up.ts'
import { versionCommand } from './commands/version.ts'

/** The table of contents of the command line. */
export const skiff: Command = defineCommand({
  name: 'skiff',
  summary: 'Kubernetes in TypeScript',
  description: 'Skiff is Kubernetes in TypeScript: a whole, real cluster in one command.',
  examples: [
    'skiff up                 # start a cluster; Ctrl-C ends it',
    'skiff up --detach --nodes 2',
    'kubectl get nodes',
    'skiff down               # all it made is gone, the data stays',
  ],
  flags: {},
  subcommands: [
    upCommand,
    downCommand,
    resetCommand,
    statusCommand,
    logsCommand,
    kubeconfigCommand,
    imageCommand,
    apiserverCommand,
    controllersCommand,
    schedulerCommand,
    simulatedNodesCommand,
    envtestCommand,
    versionCommand,
    completionCommand,
    hiddenCompleteCommand(() => skiff),
    nodeAgentCommand,
  ],
})

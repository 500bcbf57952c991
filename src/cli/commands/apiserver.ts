import { CommandError, defineCommand } from '../command/command.ts'
import { booleanFlag, type Flag, type Flags, listFlag, numberFlag, stringFlag } from '../command/flags.ts'
import { inertOptions, inertProblem, type StoreSettings } from '../../cluster/settings.ts'
import { parseCidr } from '../../machinery/validation/ip-address.ts'
import { goAddress } from '../command/go-values.ts'
import { kubeApiserverFlags, upstreamChoices } from '../envtest/kube-apiserver-flags.ts'
import { aloneParts } from '../run-alone.ts'
import { flagOfOption, givenServerOptions, serverFlags } from '../up/server-flags.ts'
import { dataDirFlag } from './shared-flags.ts'

/** Whoever looks here looks for any of them. */
const aloneServerFlags: Flags = Object.fromEntries(
  Object.entries(serverFlags).map(([name, flag]) => [name, { ...flag, hidden: false }]),
)
const inertGroup = 'Flags of kube-apiserver that change nothing here'
const inertFlags: Flags = Object.fromEntries(
  Object.entries(inertOptions).map(([name, option]) => [name, flagOfOption(option, inertGroup)]),
)

/** Throws what is wrong with flags that change nothing, and with ranges. */
async function checkFlags(flags: Readonly<Record<string, unknown>>, given: ReadonlySet<string>): Promise<void> {
  for (const name of Object.keys(inertFlags)) {
    const problem = given.has(name) ? inertProblem(name, flags[name]) : undefined
    if (problem !== undefined) throw new CommandError(problem)
  }
  if (parseCidr(String(flags['service-cluster-ip-range'])) === undefined)
    throw new CommandError('service-cluster-ip-range[0] is not a valid cidr')
  const { checkServerOptions } = await import('../../cluster/check-server-options.ts')
  try {
    await checkServerOptions(givenServerOptions(flags, given))
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error })
  }
}

export const apiserverCommand = defineCommand({
  name: 'apiserver',
  summary: 'Run an API server by itself, without controllers, scheduler or nodes.',
  description:
    'Run an API server by itself, in the foreground. Its folder gets kubeconfigs for who is to work on it, of Skiff or not: kubeconfig (the administrator), controller-manager.conf, scheduler.conf.',
  examples: ['skiff apiserver --data-dir /tmp/api --port 6443', 'skiff apiserver --store etcd=http://127.0.0.1:2379'],
  flags: {
    'data-dir': dataDirFlag,
    store: stringFlag('Where the objects are kept.', {
      default: 'sqlite',
      placeholder: 'sqlite|memory|etcd=URL',
      values: ['sqlite', 'memory', 'etcd='],
    }),
    port: numberFlag('Where it listens.', { default: 6443, min: 1 }),
    'bind-address': {
      ...listFlag('Addresses at which it listens besides loopback.', { placeholder: 'ADDRESS' }),
      parse: (text) => text.split(',').map(goAddress),
    } as Flag<readonly string[]>,
    'advertise-address': {
      ...stringFlag('Where others find it (default: this machine’s first address).', { placeholder: 'ADDRESS' }),
      parse: goAddress,
    } as Flag<string>,
    'service-cluster-ip-range': stringFlag('Addresses of services.', { default: '10.96.0.0/16', placeholder: 'CIDR' }),
    verbose: booleanFlag('Log everything.', { short: 'v' }),
    ...kubeApiserverFlags,
    ...aloneServerFlags,
    ...inertFlags,
  },
  usageExitCode: 1,
  async run(flags, _args, invocation, given) {
    const upstream = upstreamChoices(flags, given)
    await checkFlags(flags, given)
    const port = upstream.port ?? flags.port
    const parts = await aloneParts(flags.verbose || flags.v >= 4, invocation)
    const { apiServerAlone } = await import('../../cluster/alone/api-server.ts')
    const { clusterPaths, dataFolder } = await import('../../cluster/state/paths.ts')
    const { storeSettings } = await import('../up/read-flags.ts')
    const withEtcdChoices = (store: StoreSettings): StoreSettings =>
      store.engine === 'etcd' ? { ...store, ...upstream.etcd } : store
    const paths = clusterPaths(dataFolder(flags['data-dir'] || (upstream.dataDir ?? ''), invocation.env))
    const server = apiServerAlone({
      paths,
      store: withEtcdChoices(storeSettings(given.has('store') ? flags.store : (upstream.store ?? flags.store))),
      port,
      bindAddresses: flags['bind-address'],
      advertiseAddress: flags['advertise-address'] || undefined,
      serviceCidr: flags['service-cluster-ip-range'],
      given: upstream.given,
      serverOptions: givenServerOptions(flags, given),
      flags: Object.fromEntries(
        Object.entries(flags).filter(([name]) => given.has(name) || !(name in aloneServerFlags)),
      ),
      ...parts,
    })
    try {
      await server.start()
      invocation.stdout(`The API server answers at https://127.0.0.1:${port}; kubeconfigs are in ${paths.root}.\n`)
      const { signal } = invocation
      await new Promise<void>((resolve) =>
        signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
      )
    } catch (error) {
      throw new CommandError((error as Error).message, { cause: error })
    } finally {
      await server.stop()
    }
    return 0
  },
})

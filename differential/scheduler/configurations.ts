/**
 * `npm run differential:scheduler -- --configurations`: what kube-scheduler says of a configuration, and what it makes of one
 * (`--write-config-to`), beside what Skiff says and makes.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfiguration, writeConfiguration } from '../../src/cluster/alone/scheduler-configuration.ts'
import { systemClock } from '../../src/machinery/clock.ts'
import { pluginPoints } from '../../src/scheduler/configuration/schema.ts'
import { upstreamScheduler } from './schedulers.ts'

const kinds = ['score', 'filter', 'multiPoint', 'preFilter', 'bind', 'queueSort', 'reserve', 'permit', 'postFilter']
const plugins = ['NodeResourcesFit', 'NodeName', 'ImageLocality', 'DefaultBinder', 'PrioritySort', 'Mine', 'EBSLimits']

/** Texts without their head: each is one case. */
export function configurationTexts(): readonly string[] {
  const args = (name: string, text: string) => `profiles: [{pluginConfig: [{name: ${name}, args: ${text}}]}]`
  const sets = pluginPoints.flatMap((point) => [
    `profiles: [{plugins: {${point}: {disabled: [{name: '*'}]}}}]`,
    `profiles: [{plugins: {${point}: {enabled: [{name: x, weight: a}]}}}]`,
  ])
  const choices = kinds.flatMap((point) =>
    plugins.flatMap((plugin) => [
      `profiles: [{plugins: {${point}: {enabled: [{name: ${plugin}, weight: 4}]}}}]`,
      `profiles: [{plugins: {${point}: {disabled: [{name: ${plugin}}]}}}]`,
      `profiles: [{plugins: {${point}: {disabled: [{name: '*'}], enabled: [{name: ${plugin}}, {name: ${plugin}}]}}}]`,
    ]),
  )
  const numbers = [
    'parallelism',
    'percentageOfNodesToScore',
    'podInitialBackoffSeconds',
    'podMaxBackoffSeconds',
  ].flatMap((field) =>
    [-1, 0, 1, 100, 101, 'x', 1.5, true, null, '"5"', 3_000_000_000].map((value) => `${field}: ${value}`),
  )
  const shape = (text: string) =>
    args(
      'NodeResourcesFit',
      `{scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape: ${text}}}}`,
    )
  const shapes = [
    '[]',
    '[{utilization: 0, score: 0}]',
    '[{utilization: 0, score: 11}]',
    '[{utilization: 50, score: 1}, {utilization: 50, score: 2}]',
    '[{utilization: -1, score: -1}, {utilization: 101, score: 2}]',
    '[{utilisation: 1}]',
  ]
  const fit = [
    '{}',
    '{scoringStrategy: {}}',
    '{scoringStrategy: {type: MostAllocated}}',
    '{scoringStrategy: {type: Other}}',
    '{scoringStrategy: {type: LeastAllocated, resources: []}}',
    '{scoringStrategy: {type: LeastAllocated, resources: [{name: a}, {name: b, weight: 0}, {name: c, weight: -1}, {name: d, weight: 101}]}}',
    '{scoringStrategy: {type: RequestedToCapacityRatio}}',
    '{scoringStrategy: {type: LeastAllocated, requestedToCapacityRatio: {}}}',
    '{ignoredResources: [example.com/gpu], ignoredResourceGroups: [example.com]}',
    '{ignoredResources: ["", "a b"], ignoredResourceGroups: ["a/b", ""]}',
    '{kind: NodeResourcesFitArgs, apiVersion: kubescheduler.config.k8s.io/v1}',
    '{kind: NodeAffinityArgs, apiVersion: kubescheduler.config.k8s.io/v1}',
    '{kind: FooArgs}',
    '{apiVersion: kubescheduler.config.k8s.io/v1beta3}',
    '{ignoredResources: x}',
    'x',
    '[]',
    'null',
  ]
  const spreads = [
    '{defaultingType: List}',
    '{defaultingType: System}',
    '{defaultingType: Other}',
    '{defaultConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]}',
    '{defaultingType: List, defaultConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]}',
    '{defaultingType: List, defaultConstraints: [{}, {maxSkew: -1, topologyKey: "a b", whenUnsatisfiable: x, labelSelector: {}}]}',
    '{defaultingType: List, defaultConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway, minDomains: 3, matchLabelKeys: [a]}]}',
  ]
  const required = (text: string) =>
    `{addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [${text}]}}}`
  const affinities = [
    '{}',
    '{addedAffinity: {}}',
    required(''),
    required('{}'),
    required('{matchExpressions: [{key: a, operator: Exists}]}'),
    required(
      '{matchExpressions: [{key: "a b", operator: In}, {key: a, operator: Gt, values: [x]}, {key: a, operator: Foo}]}',
    ),
    required('{matchFields: [{key: metadata.name, operator: In, values: [a, b]}, {key: x, operator: Exists}]}'),
    '{addedAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, preference: {matchExpressions: [{key: a, operator: Foo}]}}, {weight: 5, preference: {matchExpressions: [{key: a, operator: Foo}]}}]}}',
  ]
  const others: (readonly [string, string])[] = [
    ['DefaultPreemption', '{minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0}'],
    ['DefaultPreemption', '{minCandidateNodesPercentage: 101, minCandidateNodesAbsolute: -1}'],
    ['DefaultPreemption', '{minCandidateNodesPercentage: 0}'],
    ['InterPodAffinity', '{hardPodAffinityWeight: 0, ignorePreferredTermsOfExistingPods: true}'],
    ['InterPodAffinity', '{hardPodAffinityWeight: 101}'],
    ['VolumeBinding', '{bindTimeoutSeconds: 0}'],
    ['VolumeBinding', '{bindTimeoutSeconds: -1, shape: []}'],
    ['VolumeBinding', '{shape: [{utilization: 5, score: 5}, {utilization: 4, score: 5}]}'],
    ['DynamicResources', '{filterTimeout: 0s, bindingTimeout: 1s}'],
    ['DynamicResources', '{filterTimeout: -1s, bindingTimeout: 999ms}'],
    ['DynamicResources', '{filterTimeout: x}'],
    ['DynamicResources', '{filterTimeout: 90m}'],
    ['NodeResourcesBalancedAllocation', '{resources: [{name: a, weight: 2}, {name: a}]}'],
    ['Mine', '{a: {b: [1]}}'],
    ['EBSLimits', '{}'],
    ['NodeName', '{a: b}'],
  ]
  return [
    '',
    'foo: bar',
    'parallelism: 1\nparallelism: 2',
    'delayCacheUntilActive: true',
    'enableProfiling: false',
    'enableProfiling: false\nenableContentionProfiling: true',
    'clientConnection2: {}',
    'leaderElection: {leaderElect: false, resourceLock: x}',
    'leaderElection: {resourceLock: endpoints}',
    'leaderElection: {leaseDuration: 5s}',
    'leaderElection: {leaseDuration: -5s, renewDeadline: -6s, retryPeriod: -1s}',
    'leaderElection: {leaseDuration: 1h30m, resourceName: n, resourceNamespace: ns}',
    'leaderElection: {leaseDuration: 5}',
    'profiles: []',
    'profiles: {}',
    'profiles: [{}, {}]',
    'profiles: [{schedulerName: ""}]',
    'profiles: [{schedulerName: a}, {schedulerName: b}]',
    'profiles: [{schedulerName: a}, {schedulerName: a, percentageOfNodesToScore: 101}]',
    'profiles: [{schedulerName: a}, {schedulerName: b, plugins: {queueSort: {enabled: [{name: PrioritySort}]}}}]',
    'profiles: [{plugins: {queueSort: {enabled: [{name: PrioritySort}, {name: PrioritySort}]}}}]',
    'profiles: [{percentageOfNodesToScore: 50}]',
    'profiles: [{pluginConfig: [{name: NodeName}, {name: NodeName}]}]',
    'profiles: [{pluginConfig: [{name: NodeResourcesFit}, {name: NodeResourcesFit}]}]',
    'profiles: [{pluginConfig: [{}]}]',
    'profiles: [{plugins: {multiPoint: {disabled: [{name: NodeResourcesFit}]}}}]',
    'profiles: [{plugins: {score: {enabled: [{name: NodeResourcesFit, weight: 3, x: y}]}}}]\nfoo: bar',
    'extenders: []',
    'extenders: [{urlPrefix: "http://x"}]',
    'extenders: [{urlPrefix: "http://x", prioritizeVerb: p}]',
    'extenders: [{urlPrefix: "http://x", prioritizeVerb: p, weight: 1, httpTimeout: 3s, nodeCacheCapable: true, ignorable: true, enableHTTPS: true, tlsConfig: {insecure: true, serverName: s}}]',
    'extenders: [{urlPrefix: a, bindVerb: b}, {urlPrefix: a, bindVerb: b}]',
    'extenders: [{urlPrefix: a, managedResources: [{name: example.com/a, ignoredByScheduler: true}, {name: example.com/b}]}]',
    'extenders: [{urlPrefix: a, managedResources: [{name: cpu}, {name: cpu}, {name: "a b"}, {name: kubernetes.io/x}]}]',
    'extenders: [{urlPrefix: a, httpTimeout: x}]',
    'extenders: [{urlPrefix: a, tlsConfig: {caData: "!"}}]',
    'extenders: [{urlPrefix: a, foo: b}]',
    ...numbers,
    ...sets,
    ...choices,
    ...shapes.map(shape),
    ...fit.map((text) => args('NodeResourcesFit', text)),
    ...spreads.map((text) => args('PodTopologySpread', text)),
    ...affinities.map((text) => args('NodeAffinity', text)),
    ...others.map(([name, text]) => args(name, text)),
  ]
}

/** Written whole: heads of all kinds. */
const wholeTexts = [
  '',
  'foo: bar',
  '[]',
  'x',
  '{',
  'kind: KubeSchedulerConfiguration',
  'apiVersion: kubescheduler.config.k8s.io/v1',
  ...['v1beta1', 'v1beta2', 'v1beta3', 'v1alpha1', 'v2'].map(
    (version) => `apiVersion: kubescheduler.config.k8s.io/${version}\nkind: KubeSchedulerConfiguration`,
  ),
  'apiVersion: v1\nkind: Pod',
  'apiVersion: kubescheduler.config.k8s.io/v1\nkind: NodeAffinityArgs',
]

interface Said {
  readonly error: string
  readonly written: string
  readonly code: number
}

export async function compareConfigurations(kubeconfig: string, folder: string, shown: (line: string) => void) {
  const head = `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n`
  const connection = `clientConnection: {kubeconfig: ${kubeconfig}}\n`
  const texts = [...wholeTexts, ...configurationTexts().map((text) => `${head}${connection}${text}`)]
  let unexplained = 0
  let explained = 0
  for (const text of texts) {
    const file = join(folder, 'configuration.yaml')
    writeFileSync(file, text)
    const theirs = await askUpstream(file, join(folder, 'upstream.yaml'))
    const ours = makeOurs(file, join(folder, 'skiff.yaml'))
    if (JSON.stringify(theirs) === JSON.stringify(ours)) continue
    if (withoutPlaces(theirs) === withoutPlaces(ours)) {
      explained++
      continue
    }
    unexplained++
    shown(
      `${text.replace(head, '').replace(connection, '')}\n  upstream ${described(theirs)}\n  skiff    ${described(ours)}`,
    )
    if (theirs.written !== ours.written) shown(firstDifference(theirs.written, ours.written))
  }
  return { cases: texts.length, explained, unexplained }
}

const described = ({ error, code, written }: Said) => `${code} ${error}${written === '' ? '' : ' (written)'}`

/** The place in the source depends on where upstream was built; and no sentence of ours goes into a log’s quotes. */
const withoutPlaces = (said: Said) => JSON.stringify(said).replace(/in scheme \\+"[^"\\]*\\+"/g, 'in scheme')

function firstDifference(theirs: string, ours: string): string {
  const [a, b] = [theirs.split('\n'), ours.split('\n')]
  const at = a.findIndex((line, index) => line !== b[index])
  return `  line ${at}: ${a.slice(at, at + 4).join(' | ')} ↔ ${b.slice(at, at + 4).join(' | ')}`
}

/** The sentence that a structured log quotes. */
function upstreamError(output: string): string {
  const quoted = /"command failed" err="((?:[^"\\]|\\.)*)"/.exec(output)?.[1]
  if (quoted !== undefined) return JSON.parse(`"${quoted.replace(/\\'/g, "'")}"`) as string
  const block = /"command failed" err=<\n([^]*?)\n >/.exec(output)?.[1]
  return block === undefined ? '' : block.replace(/^\t/gm, '').trim()
}

async function askUpstream(file: string, written: string): Promise<Said> {
  rmSync(written, { force: true })
  const flags = ['--config', file, '--write-config-to', written]
  const child = spawn(upstreamScheduler, flags, { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? -1)))
  return { error: upstreamError(output), written: existsSync(written) ? readFileSync(written, 'utf8') : '', code }
}

/** What `skiff scheduler` does with the same flags. */
function makeOurs(file: string, written: string): Said {
  try {
    writeConfiguration(readConfiguration({ file, leaderElection: {}, clientConnection: {} }, systemClock), written)
    return { error: '', written: readFileSync(written, 'utf8'), code: 0 }
  } catch (error) {
    return { error: (error as Error).message, written: '', code: 1 }
  }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { completedProfiles } from '../complete-profiles.ts'
import { checked, decodeConfiguration, printConfiguration } from './configuration.ts'

const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n'
const read = (text: string) => completedProfiles(checked(decodeConfiguration(text)), new VirtualClock())
const complete = (text: string) => read(head + text)
const refused = (text: string, message: string) => assert.throws(() => read(text), { message })

test('what is not said takes upstream’s defaults', () => {
  const { profiles, ...rest } = complete('')
  assert.deepEqual(rest, {
    kind: 'KubeSchedulerConfiguration',
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    parallelism: 16,
    leaderElection: {
      leaderElect: true,
      leaseDuration: '15s',
      renewDeadline: '10s',
      retryPeriod: '2s',
      resourceLock: 'leases',
      resourceName: 'kube-scheduler',
      resourceNamespace: 'kube-system',
    },
    clientConnection: {
      kubeconfig: '',
      acceptContentTypes: '',
      contentType: 'application/vnd.kubernetes.protobuf',
      qps: 50,
      burst: 100,
    },
    enableProfiling: true,
    enableContentionProfiling: true,
    percentageOfNodesToScore: 0,
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 10,
  })
  const [profile] = profiles
  assert.equal(profile?.schedulerName, 'default-scheduler')
  assert.deepEqual(
    profile?.pluginConfig.map(({ name }) => name),
    [
      'DefaultPreemption',
      'DynamicResources',
      'InterPodAffinity',
      'NodeAffinity',
      'NodeResourcesBalancedAllocation',
      'NodeResourcesFit',
      'PodTopologySpread',
      'VolumeBinding',
    ],
  )
  assert.match(printConfiguration(complete('')), /\n {4}score: \{\}\n {2}schedulerName: default-scheduler\n$/)
})

test('a configuration is read as strictly as upstream reads it, with its sentences', () => {
  const scheme = 'in scheme "pkg/scheduler/apis/config/scheme/scheme.go:29"'
  const kind = 'KubeSchedulerConfiguration'
  refused(
    `apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: ${kind}`,
    `no kind "${kind}" is registered for version "kubescheduler.config.k8s.io/v1beta3" ${scheme}`,
  )
  refused(
    'apiVersion: kubescheduler.config.k8s.io/v1\nkind: NodeAffinityArgs',
    `couldn't decode as ${kind}, got kubescheduler.config.k8s.io/v1, Kind=NodeAffinityArgs: `,
  )
  refused(
    `${head}parallelism: x`,
    `json: cannot unmarshal string into Go struct field ${kind}.parallelism of type int32`,
  )
  refused(
    `${head}foo: bar\nprofiles: [{plugins: {score: {enabled: [{name: NodeResourcesFit, x: y}]}}}]`,
    'strict decoding error: unknown field "foo", unknown field "profiles[0].plugins.score.enabled[0].x"',
  )
  const args = (text: string) => `${head}profiles: [{pluginConfig: [{name: NodeResourcesFit, args: ${text}}]}]`
  refused(
    args('{foo: bar}'),
    'strict decoding error: decoding .profiles[0].pluginConfig[0]: strict decoding error: decoding args for plugin NodeResourcesFit: strict decoding error: unknown field "foo"',
  )
  refused(
    args('{kind: NodeAffinityArgs}'),
    'decoding .profiles[0].pluginConfig[0]: args for plugin NodeResourcesFit were not of type NodeResourcesFitArgs.kubescheduler.config.k8s.io, got NodeAffinityArgs.kubescheduler.config.k8s.io',
  )
})

test('what is wrong is told all at once', () => {
  refused(
    `${head}profiles: [{}, {}]`,
    '[profiles[0].schedulerName: Required value, profiles[1].schedulerName: Required value, profiles[1].schedulerName: Duplicate value: {}]',
  )
  refused(
    `${head}percentageOfNodesToScore: 101\npodInitialBackoffSeconds: 0\npodMaxBackoffSeconds: -1\nextenders: [{urlPrefix: a, prioritizeVerb: p, bindVerb: a, managedResources: [{name: cpu}]}, {urlPrefix: b, bindVerb: b}]`,
    '[percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100], podInitialBackoffSeconds: Invalid value: 0: must be greater than 0, podMaxBackoffSeconds: Invalid value: -1: must be greater than or equal to PodInitialBackoffSeconds, extenders[0].weight: Invalid value: 0: must have a positive weight applied to it, extenders[0].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name, extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind]',
  )
  const at = 'profiles[0].pluginConfig'
  refused(
    `${head}profiles: [{pluginConfig: [{name: VolumeBinding, args: {bindTimeoutSeconds: -1, shape: [{utilization: 101, score: 11}]}}, {name: DynamicResources, args: {filterTimeout: -1s, bindingTimeout: 0s}}]}]`,
    `[${at}[0].args.bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value, ${at}[0].args.shape[0].utilization: Invalid value: 101: not in valid range [0, 100], ${at}[0].args.shape[0].score: Invalid value: 11: not in valid range [0, 10], ${at}[1].args.filterTimeout: Invalid value: "-1s": must be zero or positive, ${at}[1].args.bindingTimeout: Invalid value: "0s": must be at least 1 second]`,
  )
})

test('plugins that cannot be where they are wanted are named', () => {
  const wrong = (plugins: string, why: string) =>
    refused(
      `${head}profiles: [{plugins: ${plugins}}]`,
      `initializing profiles: creating profile for scheduler name default-scheduler: ${why}`,
    )
  wrong('{score: {enabled: [{name: Mine}]}}', 'ScorePlugin "Mine" does not exist')
  wrong('{score: {enabled: [{name: NodeName}]}}', 'plugin "NodeName" does not extend ScorePlugin plugin')
  wrong(
    '{multiPoint: {enabled: [{name: NodeName}, {name: NodeName}]}}',
    'plugin "NodeName" already registered as "PreFilterPlugin"',
  )
  wrong(
    "{multiPoint: {disabled: [{name: '*'}], enabled: [{name: ImageLocality}, {name: ImageLocality}]}}",
    'plugin "ImageLocality" already registered as "ScorePlugin"',
  )
  wrong(
    "{bind: {disabled: [{name: '*'}]}}",
    'at least one bind plugin is needed for profile with scheduler name "default-scheduler"',
  )
  wrong(
    "{queueSort: {disabled: [{name: '*'}]}}",
    'only one queue sort plugin required for profile with scheduler name "default-scheduler", but got 0',
  )
})

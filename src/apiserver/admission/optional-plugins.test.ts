import assert from 'node:assert/strict'
import { test } from 'node:test'
import { events } from '../../api/core/v1/event.ts'
import { namespaces } from '../../api/core/v1/namespace.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import type { Pod } from '../../api/types.generated.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { seededRandom } from '../../machinery/random.ts'
import type { AuthorizationAttributes, Authorizer } from '../authorization/authorizer.ts'
import { createMemoryLister } from '../memory-lister.ts'
import type { ServerOptionValues } from '../options/server-options.ts'
import { openService } from '../webhook/service.fixture.ts'
import { configureAdmission } from './configure-admission.ts'
import type { AdmissionPlugin } from './plugin.ts'
import { admissionPlugins, pluginNames } from './plugins.ts'
import { type TestRequest, testAttributes } from './test-attributes.ts'
import { defaultFeatureGates } from '../../api/features/feature-gates.ts'

const lister = createMemoryLister()
const putNamespace = (name: string, annotations: Record<string, string> = {}, labels: Record<string, string> = {}) =>
  lister.put(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, annotations, labels } } as never)
putNamespace('default')

const clock = new VirtualClock()
const created: unknown[] = []
let authorizer: Authorizer = { authorize: () => ({ decision: 'allow', reason: '' }) }
function chosen(values: ServerOptionValues): AdmissionPlugin[] {
  return admissionPlugins(
    {
      lister,
      writer: {
        create: async (_ref: unknown, object: unknown) => created.push(object),
      } as never,
      authorizer: { authorize: (attributes) => authorizer.authorize(attributes) },
      rules: {} as never,
      definitions: () => [pods, replicaSets] as unknown as ResourceDefinition[],
      webhookClient: {} as never,
      enabled: defaultFeatureGates.enabled,
      clock,
      random: seededRandom(1),
      log: silentLogger,
    },
    configureAdmission(values),
  )
}
const named = (plugin: string, config?: string): AdmissionPlugin =>
  chosen({
    'enable-admission-plugins': [plugin],
    ...(config === undefined ? {} : { 'admission-control-config-file': config }),
  }).find(({ name }) => name === plugin)!

const podOf = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})
async function mutated(plugin: AdmissionPlugin, request: TestRequest): Promise<Pod> {
  const attributes = testAttributes(pods, request)
  await plugin.mutate?.(attributes)
  await plugin.validate?.(attributes)
  return attributes.object as unknown as Pod
}
const refused = (plugin: AdmissionPlugin, request: TestRequest, why: RegExp, definition: unknown = pods) =>
  assert.rejects(async () => {
    const attributes = testAttributes(definition as never, request)
    await plugin.mutate?.(attributes)
    await plugin.validate?.(attributes)
  }, why)

test('plugins that are off are switched on by name, the usual ones off; the order is upstream’s', () => {
  const usual = chosen({}).map(({ name }) => name)
  assert.ok(!usual.includes('AlwaysPullImages') && usual.includes('DenyServiceExternalIPs'))
  const names = chosen({
    'enable-admission-plugins': ['NamespaceExists', 'AlwaysPullImages'],
    'disable-admission-plugins': ['DenyServiceExternalIPs', 'PodSecurity'],
  }).map(({ name }) => name)
  assert.deepEqual(
    names.filter((name) => pluginNames.includes(name)),
    pluginNames.filter((name) => names.includes(name)),
  )
  assert.ok(names.includes('AlwaysPullImages') && !names.includes('PodSecurity'))
  // The check of escalation is no plugin: nobody disables it.
  assert.equal(names.length, usual.length)
  assert.throws(() => chosen({ 'enable-admission-plugins': ['Nonsense'] }), /plugin "Nonsense" is unknown/)
  assert.throws(
    () => chosen({ 'enable-admission-plugins': ['LimitRanger'], 'disable-admission-plugins': ['LimitRanger'] }),
    /\[LimitRanger\] in enable-admission-plugins and disable-admission-plugins overlapped/,
  )
})

test('AlwaysPullImages: every container kind and image volume is pulled; an update without new images is left alone', async () => {
  const plugin = named('AlwaysPullImages')
  const spec = {
    initContainers: [{ name: 'i', image: 'i' }],
    ephemeralContainers: [{ name: 'e', image: 'i' }],
    volumes: [{ name: 'v', image: { reference: 'i', pullPolicy: 'IfNotPresent' } }],
  }
  const pod = await mutated(plugin, { object: podOf(spec) })
  const kinds = [pod.spec.containers[0], pod.spec.initContainers![0], pod.spec.ephemeralContainers![0]]
  assert.deepEqual(
    kinds.map((one) => one!.imagePullPolicy),
    ['Always', 'Always', 'Always'],
  )
  assert.equal(pod.spec.volumes![0]!.image!.pullPolicy, 'Always')
  const same = await mutated(plugin, { operation: 'UPDATE', object: podOf(), oldObject: podOf() })
  assert.equal(same.spec.containers[0]!.imagePullPolicy, undefined)
  const attributes = testAttributes(pods, { object: podOf() })
  assert.throws(
    () => plugin.validate!(attributes),
    /pods "p" is forbidden: spec.containers\[0\].imagePullPolicy: Unsupported value: "": supported values: "Always"/,
  )
})

test('LimitPodHardAntiAffinityTopology: required anti-affinity holds on one node only', async () => {
  const term = (topologyKey: string) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] } },
  })
  const plugin = named('LimitPodHardAntiAffinityTopology')
  await mutated(plugin, { object: podOf(term('kubernetes.io/hostname')) })
  await refused(
    plugin,
    { object: podOf(term('zone')) },
    /has TopologyKey zone but only key kubernetes.io\/hostname is allowed/,
  )
})

test('ExtendedResourceToleration: who asks for a device bears its taint', async () => {
  const resources = { requests: { cpu: '1', 'example.com/gpu': '1' } }
  const asks = podOf({ containers: [{ name: 'c', image: 'i', resources }] })
  const pod = await mutated(named('ExtendedResourceToleration'), { object: asks })
  assert.deepEqual(pod.spec.tolerations, [{ key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' }])
})

test('NamespaceAutoProvision makes namespaces, NamespaceExists wants them', async () => {
  await mutated(named('NamespaceAutoProvision'), { object: podOf(), namespace: 'new' })
  assert.deepEqual(created, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new' } }])
  await mutated(named('NamespaceAutoProvision'), { object: podOf(), namespace: 'dry', dryRun: true })
  assert.equal(created.length, 1)
  await refused(
    named('NamespaceExists'),
    { operation: 'DELETE', name: 'p', namespace: 'new' },
    /namespaces "new" not found/,
  )
})

test('PodNodeSelector: a namespace’s pods run where it may', async (t) => {
  const service = await openService(() => 404)
  t.after(() => service[Symbol.asyncDispose]())
  service.write(
    'selectors.yaml',
    'podNodeSelectorPluginConfig:\n  clusterDefaultNodeSelector: os=linux\n  team: pool=blue,os=linux\n',
  )
  const config = admissionFile(service, 'PodNodeSelector', 'path: selectors.yaml')
  const plugin = named('PodNodeSelector', config)
  assert.deepEqual((await mutated(plugin, { object: podOf() })).spec.nodeSelector, { os: 'linux' })
  const own = { nodeSelector: { os: 'plan9' } }
  await refused(
    plugin,
    { object: podOf(own) },
    /pod node label selector conflicts with its namespace node label selector/,
  )
  putNamespace('team', { 'scheduler.alpha.kubernetes.io/node-selector': 'pool=blue' })
  const inTeam = await mutated(plugin, { object: podOf(), namespace: 'team' })
  assert.deepEqual(inTeam.spec.nodeSelector, { pool: 'blue' })
  const stranger = { object: podOf({ nodeSelector: { disk: 'ssd' } }), namespace: 'team' }
  await refused(plugin, stranger, /labels conflict with its namespace whitelist/)
})

test('PodTolerationRestriction: namespaces say what their pods bear', async () => {
  putNamespace('bears', {
    'scheduler.alpha.kubernetes.io/defaultTolerations': '[{"key":"a","operator":"Exists"}]',
    'scheduler.alpha.kubernetes.io/tolerationsWhitelist': '[{"key":"a","operator":"Exists"}]',
  })
  const plugin = named('PodTolerationRestriction')
  const pod = await mutated(plugin, { object: podOf(), namespace: 'bears' })
  assert.deepEqual(pod.spec.tolerations, [{ key: 'a', operator: 'Exists' }])
  const covered = { tolerations: [{ key: 'a', operator: 'Equal', value: 'x', effect: 'NoSchedule' }] }
  assert.deepEqual((await mutated(plugin, { object: podOf(covered), namespace: 'bears' })).spec.tolerations, [
    { key: 'a', operator: 'Exists' },
  ])
  const other = { tolerations: [{ key: 'b', operator: 'Exists' }] }
  await refused(plugin, { object: podOf(other), namespace: 'bears' }, /conflict with its namespace whitelist/)
  const burstable = podOf({ containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] })
  assert.deepEqual((await mutated(plugin, { object: burstable })).spec.tolerations, [
    { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  ])
})

test('EventRateLimit: floods of events are refused, by whom they come from', async (t) => {
  const service = await openService(() => 404)
  t.after(() => service[Symbol.asyncDispose]())
  const limits = (text: string) =>
    admissionFile(
      service,
      'EventRateLimit',
      `configuration: {apiVersion: eventratelimit.admission.k8s.io/v1alpha1, kind: Configuration, limits: ${text}}`,
    )
  const plugin = named(
    'EventRateLimit',
    limits('[{type: Namespace, qps: 1, burst: 2}, {type: User, qps: 1, burst: 3}]'),
  )
  const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' } }
  const send = (more: TestRequest) => plugin.validate!(testAttributes(events, { object: event, ...more }))
  send({})
  send({})
  send({ dryRun: true })
  assert.throws(() => send({}), /^ApiError: limit reached on type Namespace for key default$/)
  assert.throws(() => send({ namespace: 'other' }), { code: 429, message: 'limit reached on type User for key joe' })
  await clock.advance(1000)
  send({})
  assert.throws(() => named('EventRateLimit', limits('[]')), /limits: Invalid value: .*: must not be empty/)
  assert.throws(
    () => named('EventRateLimit', limits('[{type: X, qps: 0, burst: 0}]')),
    /failed to initialize admission plugin EventRateLimit: .*Unsupported value: "X": supported values: "Server", "Namespace", "User", "SourceAndObject"/,
  )
})

test('ImagePolicyWebhook: a service decides which images run, and is remembered', async (t) => {
  await using service = await openService((_path, { spec }: { spec?: { containers: { image: string }[] } }) => {
    const image = spec!.containers[0]!.image
    if (image === 'broken') return 400
    return {
      kind: 'ImageReview',
      status: { allowed: image === 'good', reason: image === 'bad' ? 'it is bad' : undefined },
    }
  })
  const config = (more: string) =>
    admissionFile(
      service,
      'ImagePolicyWebhook',
      `configuration: {imagePolicy: {kubeConfigFile: ${service.kubeconfig('/images')}${more}}}`,
    )
  const plugin = named('ImagePolicyWebhook', config(''))
  const using = (image: string) => ({ object: podOf({ containers: [{ name: 'c', image }] }) })
  await mutated(plugin, using('good'))
  await mutated(plugin, using('good'))
  assert.equal(service.asked.length, 1)
  assert.deepEqual(service.asked[0]!.body, {
    kind: 'ImageReview',
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    metadata: {},
    spec: { containers: [{ image: 'good' }], namespace: 'default' },
    status: {},
  })
  await refused(plugin, using('bad'), /image policy webhook backend denied one or more images: it is bad/)
  await refused(plugin, using('worse'), /one or more images rejected by webhook backend/)
  await refused(plugin, using('broken'), /pods "p" is forbidden/)
  const ephemeral = podOf({ ephemeralContainers: [{ name: 'e', image: 'bad' }] })
  await refused(plugin, { operation: 'UPDATE', subresource: 'ephemeralcontainers', object: ephemeral }, /it is bad/)
  await mutated(named('ImagePolicyWebhook', config(', defaultAllow: true')), using('broken'))
  assert.throws(
    () => named('ImagePolicyWebhook'),
    /failed to initialize admission plugin ImagePolicyWebhook: no config specified/,
  )
  assert.throws(
    () => named('ImagePolicyWebhook', config(', allowTTL: 7200')),
    /valid value is between 1s and 30m0s, got 2h0m0s/,
  )
  t.diagnostic(`${service.asked.length} reviews`)
})

test('OwnerReferencesPermissionEnforcement: who names an owner may delete what is owned, who blocks may finalize the owner', async () => {
  const plugin = named('OwnerReferencesPermissionEnforcement')
  const owner = (more: object = {}) => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', ...more }],
  })
  const asked: AuthorizationAttributes[] = []
  const may = (...verbs: string[]) => {
    asked.length = 0
    authorizer = {
      authorize(attributes) {
        asked.push(attributes)
        const { verb, resource, subresource } = attributes
        const what = `${verb} ${resource}${subresource && `/${subresource}`}`
        return { decision: verbs.includes(what) ? 'allow' : 'noOpinion', reason: 'because' }
      },
    }
  }
  may()
  await mutated(plugin, { object: podOf({}, owner()) })
  await mutated(plugin, { operation: 'UPDATE', object: podOf({}, owner()), oldObject: podOf({}, owner()) })
  assert.equal(asked.length, 0)
  const update = { operation: 'UPDATE', object: podOf({}, owner()), oldObject: podOf() } as const
  await refused(
    plugin,
    update,
    /pods "p" is forbidden: cannot set an ownerRef on a resource you can't delete: because, <nil>/,
  )
  may('delete pods')
  await mutated(plugin, update)
  const blocking = { object: podOf({}, owner({ blockOwnerDeletion: true })) }
  await refused(
    plugin,
    blocking,
    /cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on/,
  )
  assert.equal(asked.at(-1)!.namespace, 'default')
  may('update replicasets/finalizers')
  await mutated(plugin, blocking)
  may('update */finalizers')
  await mutated(plugin, blocking)
  may()
  const unknown = { object: podOf({}, owner({ blockOwnerDeletion: true, kind: 'Widget' })) }
  await refused(
    plugin,
    unknown,
    /cannot find RESTMapping for APIVersion apps\/v1 Kind Widget: no matches for kind "Widget" in version "apps\/v1"/,
  )
  authorizer = { authorize: () => ({ decision: 'allow', reason: '' }) }
})

test('PodSecurity: a configuration gives defaults, and exempts by user, namespace and runtime class', async (t) => {
  const service = await openService(() => 404)
  t.after(() => service[Symbol.asyncDispose]())
  const config = (text: string) =>
    admissionFile(
      service,
      'PodSecurity',
      `configuration: {apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, ${text}}`,
    )
  const text =
    'defaults: {enforce: baseline, enforce-version: v1.30}, exemptions: {usernames: [root], namespaces: [free], runtimeClasses: [vm]}'
  const plugin = named('PodSecurity', config(text))
  putNamespace('free')
  putNamespace('open', {}, { 'pod-security.kubernetes.io/enforce': 'privileged' })
  const bad = podOf({ hostNetwork: true })
  await refused(plugin, { object: bad }, /violates PodSecurity "baseline:v1.30": host namespaces \(hostNetwork=true\)/)
  await mutated(plugin, { object: bad, namespace: 'open' })
  await mutated(plugin, { object: bad, namespace: 'free' })
  await mutated(plugin, { object: bad, user: { name: 'root', groups: [] } })
  await mutated(plugin, { object: podOf({ hostNetwork: true, runtimeClassName: 'vm' }) })
  const labelled = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'free', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  }
  const attributes = testAttributes(namespaces, { object: labelled, name: 'free' })
  await plugin.validate!(attributes)
  assert.deepEqual(attributes.warnings, [
    'namespace "free" is exempt from Pod Security, and the policy (enforce=restricted:v1.30) will be ignored',
  ])
  assert.throws(
    () =>
      named('PodSecurity', config('defaults: {enforce: strict, warn-version: "1.2"}, exemptions: {usernames: [a, a]}')),
    /defaults.enforce: Invalid value: "strict": must be one of privileged, baseline, restricted, defaults.warn-version: Invalid value: "1.2": must be "latest" or "v1.x", exemptions.usernames\[1\]: Duplicate value: "a"/,
  )
})

function admissionFile(service: { write(name: string, text: string): string }, plugin: string, more: string): string {
  return service.write(
    'admission.yaml',
    `apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n- name: ${plugin}\n  ${more}\n`,
  )
}

test('AlwaysDeny refuses every change, and AlwaysAdmit none', async () => {
  await refused(named('AlwaysDeny'), { object: podOf() }, /admission control is denying all modifications/)
  assert.equal(named('AlwaysAdmit').handles('CREATE'), false)
})

test('the names of plugins are upstream’s, in upstream’s order', () => {
  // pkg/kubeapiserver/options/plugins.go AllOrderedPlugins.
  const upstream =
    'AlwaysAdmit NamespaceAutoProvision NamespaceLifecycle NamespaceExists LimitPodHardAntiAffinityTopology LimitRanger ServiceAccount NodeRestriction TaintNodesByCondition AlwaysPullImages ImagePolicyWebhook PodSecurity PodNodeSelector Priority DefaultTolerationSeconds PodTolerationRestriction EventRateLimit ExtendedResourceToleration DefaultStorageClass StorageObjectInUseProtection PodGroupProtection OwnerReferencesPermissionEnforcement PersistentVolumeClaimResize RuntimeClass CertificateApproval CertificateSigning ClusterTrustBundleAttest CertificateSubjectRestriction DefaultIngressClass DenyServiceExternalIPs PodTopologyLabels NodeDeclaredFeatureValidator PodResizeValidator MutatingAdmissionPolicy MutatingAdmissionWebhook ValidatingAdmissionPolicy ValidatingAdmissionWebhook ResourceQuota AlwaysDeny'
  // Nodes of Skiff declare no features.
  const absent = ['NodeDeclaredFeatureValidator']
  assert.deepEqual(
    pluginNames,
    upstream.split(' ').filter((name) => !absent.includes(name)),
  )
})

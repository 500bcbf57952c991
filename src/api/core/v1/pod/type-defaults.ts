import { formatQuantity, milliQuantityOf, parseQuantity, quantityScaled } from '../../../../machinery/quantity.ts'
import type { Draft } from '../../../../machinery/json.ts'
import { defaulterOf, type TypeDefaults } from '../../../../machinery/schema/default.ts'
import type {
  ConfigMapVolumeSource,
  Container,
  HTTPGetAction,
  HostPathVolumeSource,
  ObjectFieldSelector,
  PersistentVolumeClaimSpec,
  PodSpec,
  PodStatus,
  Probe,
  ServiceAccountTokenProjection,
  Volume,
} from '../../../types.generated.ts'
import { imageTag } from './image-tag.ts'

/** Defaults of the types that make up a pod, wherever they occur (pkg/apis/core/v1/defaults.go). */
const fileMode = defaulterOf<ConfigMapVolumeSource>((draft) => {
  draft.defaultMode ??= 0o644
})

const pullPolicyFor = (image: string | undefined) => (imageTag(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent')

const container = defaulterOf<Container>((draft) => {
  draft.imagePullPolicy ||= pullPolicyFor(draft.image)
  draft.terminationMessagePath ||= '/dev/termination-log'
  draft.terminationMessagePolicy ||= 'File'
})

export const podTypeDefaults: TypeDefaults = {
  'io.k8s.api.core.v1.PodSpec': defaulterOf<PodSpec>((draft) => {
    // serviceAccount is the old name of the same field; the new one wins.
    const serviceAccount = draft.serviceAccountName || draft.serviceAccount
    if (serviceAccount) {
      draft.serviceAccountName = serviceAccount
      draft.serviceAccount = serviceAccount
    }
    draft.dnsPolicy ||= 'ClusterFirst'
    draft.restartPolicy ||= 'Always'
    draft.securityContext ??= {}
    draft.terminationGracePeriodSeconds ??= 30
    draft.schedulerName ||= 'default-scheduler'
  }),
  'io.k8s.api.core.v1.PodStatus': defaulterOf<PodStatus>((draft) => {
    const first = draft.podIPs?.[0]?.ip
    if (draft.podIP && first !== draft.podIP) draft.podIPs = [{ ip: draft.podIP }]
    else if (!draft.podIP && first) draft.podIP = first
  }),
  'io.k8s.api.core.v1.Volume': defaulterOf<Volume>((draft) => {
    if (Object.keys(draft).every((member) => member === 'name')) draft.emptyDir = {}
    if (draft.image && !draft.image.pullPolicy) draft.image.pullPolicy = pullPolicyFor(draft.image.reference)
  }),
  'io.k8s.api.core.v1.HostPathVolumeSource': defaulterOf<HostPathVolumeSource>((draft) => {
    draft.type ??= ''
  }),
  'io.k8s.api.core.v1.SecretVolumeSource': fileMode,
  'io.k8s.api.core.v1.ConfigMapVolumeSource': fileMode,
  'io.k8s.api.core.v1.DownwardAPIVolumeSource': fileMode,
  'io.k8s.api.core.v1.ProjectedVolumeSource': fileMode,
  'io.k8s.api.core.v1.ServiceAccountTokenProjection': defaulterOf<ServiceAccountTokenProjection>((draft) => {
    draft.expirationSeconds ??= 3600
  }),
  'io.k8s.api.core.v1.ObjectFieldSelector': defaulterOf<ObjectFieldSelector>((draft) => {
    draft.apiVersion ||= 'v1'
  }),
  'io.k8s.api.core.v1.PersistentVolumeClaimSpec': defaulterOf<PersistentVolumeClaimSpec>((draft) => {
    draft.volumeMode ??= 'Filesystem'
  }),
  'io.k8s.api.core.v1.Container': container,
  'io.k8s.api.core.v1.EphemeralContainer': container,
  'io.k8s.api.core.v1.Probe': defaulterOf<Probe>((draft) => {
    draft.timeoutSeconds ||= 1
    draft.periodSeconds ||= 10
    draft.successThreshold ||= 1
    draft.failureThreshold ||= 3
  }),
  'io.k8s.api.core.v1.HTTPGetAction': defaulterOf<HTTPGetAction>((draft) => {
    draft.path ||= '/'
    draft.scheme ||= 'HTTP'
  }),
  // Nothing finer than a thousandth is kept.
  'v1.ResourceList': (draft) => {
    const list = draft as Draft<Record<string, string>>
    for (const [name, text] of Object.entries(list)) {
      const quantity = parseQuantity(text)
      if (quantity.scale < -3)
        list[name] = formatQuantity(milliQuantityOf(quantityScaled(quantity, -3), quantity.format))
    }
  },
}

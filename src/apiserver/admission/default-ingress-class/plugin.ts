import { ingressClasses } from '../../../api/networking/v1/ingress-class.ts'
import type { Ingress } from '../../../api/types.generated.ts'
import { isFor, objectOf } from '../attributes.ts'
import { defaultOf } from '../default-class.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

/** Gives an Ingress without a class the default one (plugin/pkg/admission/network/defaultingressclass). */
export function createDefaultIngressClass({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    handles: (operation) => operation === 'CREATE',
    mutate(attributes) {
      if (!isFor(attributes, 'ingresses', 'networking.k8s.io')) return
      const ingress = objectOf<Ingress>(attributes)
      if (ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return
      ingress.spec ??= {}
      if (ingress.spec.ingressClassName !== undefined && ingress.spec.ingressClassName !== null) return
      const found = defaultOf(lister.list(ingressClasses), ['ingressclass.kubernetes.io/is-default-class'])
      if (found !== undefined) ingress.spec.ingressClassName = found.metadata.name
    },
  }
}

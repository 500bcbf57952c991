import { groups } from './facts.ts'

/** Versions that upstream's schemes still know though nothing is served in them (pkg/apis/<group>/install). */
const retired: Readonly<Record<string, readonly string[]>> = {
  'admission.k8s.io': ['v1', 'v1beta1'],
  'apiextensions.k8s.io': ['v1beta1'],
  'apiregistration.k8s.io': ['v1beta1'],
  apps: ['v1beta1', 'v1beta2'],
  'authentication.k8s.io': ['v1alpha1', 'v1beta1'],
  'authorization.k8s.io': ['v1beta1'],
  batch: ['v1beta1'],
  'certificates.k8s.io': ['v1alpha1'],
  'discovery.k8s.io': ['v1beta1'],
  'events.k8s.io': ['v1beta1'],
  extensions: ['v1beta1'],
  'flowcontrol.apiserver.k8s.io': ['v1beta1', 'v1beta2', 'v1beta3'],
  'imagepolicy.k8s.io': ['v1alpha1'],
  'networking.k8s.io': ['v1beta1'],
  'node.k8s.io': ['v1alpha1', 'v1beta1'],
  policy: ['v1beta1'],
  'rbac.authorization.k8s.io': ['v1alpha1', 'v1beta1'],
  'storage.k8s.io': ['v1alpha1', 'v1beta1'],
}

/** Every group version of upstream's schemes: those that can be served, then those that are known by name only. */
export const schemeVersions: readonly { readonly group: string; readonly version: string }[] = [
  ...groups.flatMap(({ name, versions }) => versions.map((version) => ({ group: name, version }))),
  ...Object.entries(retired).flatMap(([group, versions]) => versions.map((version) => ({ group, version }))),
]

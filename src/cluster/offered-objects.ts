import type { ResourceRef } from '../api/definition.ts'
import { clusterRoleBindings } from '../api/rbac/v1/cluster-role-binding.ts'
import { clusterRoles } from '../api/rbac/v1/cluster-role.ts'
import type { Client } from '../client/client.ts'
import { isReason } from '../machinery/errors.ts'
import type { KubeObject } from '../machinery/meta/object.ts'

/** An object that every cluster of Skiff has, though Kubernetes knows it not. */
export type OfferedObject = readonly [ResourceRef, KubeObject]

const group = 'rbac.authorization.k8s.io'
export const readOnly = ['get', 'list', 'watch'] as const

/** A role of this name and its binding to one subject. */
export function rights(name: string, subject: object, rules: readonly object[]): readonly OfferedObject[] {
  const apiVersion = `${group}/v1`
  const roleRef = { apiGroup: group, kind: 'ClusterRole', name }
  return [
    [clusterRoles, { apiVersion, kind: 'ClusterRole', metadata: { name }, rules } as KubeObject],
    [
      clusterRoleBindings,
      { apiVersion, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects: [subject] } as KubeObject,
    ],
  ] as unknown as readonly OfferedObject[]
}

export const controllerAccount = (name: string) => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })
export const user = (name: string) => ({ kind: 'User', apiGroup: group, name })

/** Makes what is missing; what a user has changed stays as it is. */
export async function offerObjects(client: Client, wanted: readonly OfferedObject[]): Promise<void> {
  await Promise.all(
    wanted.map(async ([ref, object]) => {
      try {
        await client.create(ref, object)
      } catch (error) {
        if (!isReason(error, 'AlreadyExists')) throw error
      }
    }),
  )
}

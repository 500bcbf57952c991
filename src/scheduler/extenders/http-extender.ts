import type { Node } from '../../api/types.generated.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { isObject } from '../../machinery/json.ts'
import { NodeInfo } from '../cache/node-info.ts'
import type { PodInfo } from '../cache/pod-info.ts'
import type { ExtenderConfiguration } from '../configuration/types.ts'
import { maxScore } from '../framework/plugin.ts'
import type { Extender, FilterAnswer, Victims } from './extender.ts'

/** Sends a JSON body by POST and resolves with the one that is answered. */
export type Post = (url: string, verb: string, body: object) => Promise<unknown>

export interface HttpExtenderOptions {
  readonly configuration: ExtenderConfiguration
  readonly post: Post
  /** A node that is known, by its name. */
  readonly nodeNamed: (name: string) => NodeInfo | undefined
}

const maxPriority = 10

/** An extender that is asked over HTTP (pkg/scheduler/extender.go, kube-scheduler extender/v1). */
export function httpExtender({ configuration, post, nodeNamed }: HttpExtenderOptions): Extender {
  const { urlPrefix, filterVerb, prioritizeVerb, preemptVerb, bindVerb, weight = 0 } = configuration
  const nodeCacheCapable = configuration.nodeCacheCapable === true
  const managed = new Set(configuration.managedResources?.map(({ name }) => name))
  const send = (verb: string, body: object) => post(urlPrefix, verb, body)
  // One that keeps nodes itself is told names only.
  const nodesAs = (nodes: readonly NodeInfo[]) =>
    nodeCacheCapable
      ? { Nodes: null, NodeNames: nodes.map(({ name }) => name) }
      : { Nodes: { metadata: {}, items: nodes.map(({ node }) => node) }, NodeNames: null }

  return {
    name: urlPrefix,
    ignorable: configuration.ignorable === true,
    filters: Boolean(filterVerb),
    prioritizes: Boolean(prioritizeVerb),
    preempts: Boolean(preemptVerb),
    binds: Boolean(bindVerb),
    isInterested: (info) => managed.size === 0 || usesAny(info, managed),

    async filter({ pod }, nodes): Promise<FilterAnswer> {
      if (!filterVerb) return { nodes, failed: {}, failedAndUnresolvable: {} }
      const answer = await send(filterVerb, { Pod: pod, ...nodesAs(nodes) })
      const error = member(answer, 'Error')
      if (typeof error === 'string' && error !== '') throw new Error(error)
      const names = member(answer, 'NodeNames')
      return {
        nodes:
          nodeCacheCapable && Array.isArray(names)
            ? names.map((name) => namedAmong(nodes, String(name), urlPrefix))
            : nodesOf(member(answer, 'Nodes')),
        failed: textsOf(member(answer, 'FailedNodes')),
        failedAndUnresolvable: textsOf(member(answer, 'FailedAndUnresolvableNodes')),
      }
    },

    async prioritize({ pod }, nodes) {
      const scores = new Map<string, number>()
      if (!prioritizeVerb) return scores
      const answer = await send(prioritizeVerb, { Pod: pod, ...nodesAs(nodes) })
      for (const one of Array.isArray(answer) ? answer : []) {
        const host = String(member(one, 'Host') ?? '')
        const score = Number(member(one, 'Score') ?? 0) * weight * (maxScore / maxPriority)
        scores.set(host, (scores.get(host) ?? 0) + score)
      }
      return scores
    },

    async preempt({ pod }, victims) {
      const entries = [...victims]
      const body = nodeCacheCapable
        ? {
            Pod: pod,
            NodeNameToVictims: null,
            NodeNameToMetaVictims: byName(entries, ({ pods, budgetViolations }) => ({
              Pods: pods.map(({ uid }) => ({ UID: uid })),
              NumPDBViolations: budgetViolations,
            })),
          }
        : {
            Pod: pod,
            NodeNameToVictims: byName(entries, ({ pods, budgetViolations }) => ({
              Pods: pods.map((victim) => victim.pod),
              NumPDBViolations: budgetViolations,
            })),
            NodeNameToMetaVictims: null,
          }
      const answer = member(await send(preemptVerb!, body), 'NodeNameToMetaVictims')
      return new Map(
        Object.entries(isObject(answer) ? answer : {}).map(([name, meta]): [string, Victims] => {
          const node = nodeNamed(name)
          if (node === undefined) throw new Error(`nodeinfo not found for node name ${goQuote(name)}`)
          const pods = (member(meta, 'Pods') ?? []) as readonly unknown[]
          return [
            name,
            {
              pods: pods.map((one) => victimOn(node, String(member(one, 'UID') ?? ''), urlPrefix)),
              budgetViolations: Number(member(meta, 'NumPDBViolations') ?? 0),
            },
          ]
        }),
      )
    },

    async bind({ name, namespace, uid }, node) {
      const answer = await send(bindVerb!, { PodName: name, PodNamespace: namespace, PodUID: uid, Node: node })
      const error = member(answer, 'Error')
      if (typeof error === 'string' && error !== '') throw new Error(error)
    },
  }
}

/** Go reads members whatever the case of their names; extenders write them in many. */
function member(value: unknown, name: string): unknown {
  if (!isObject(value)) return undefined
  const found = Object.keys(value).find((key) => key.toLowerCase() === name.toLowerCase())
  return found === undefined ? undefined : (value[found] ?? undefined)
}

function byName<From, To>(entries: readonly (readonly [string, From])[], as: (from: From) => To): Record<string, To> {
  return Object.fromEntries(entries.map(([name, from]) => [name, as(from)]))
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(isObject(value) ? value : {}).map(([name, text]) => [name, String(text)]))
}

function namedAmong(nodes: readonly NodeInfo[], name: string, url: string): NodeInfo {
  const found = nodes.find((node) => node.name === name)
  if (found !== undefined) return found
  throw new Error(
    `extender ${goQuote(url)} claims a filtered node ${goQuote(name)} which is not found in the input node list`,
  )
}

/** Nodes that come back whole are as the extender says, and without pods, as upstream has them. */
function nodesOf(list: unknown): readonly NodeInfo[] {
  const items = (member(list, 'items') ?? []) as readonly Node[]
  return items.map((node) => new NodeInfo(node.metadata.name ?? '', node))
}

function victimOn(node: NodeInfo, uid: string, url: string): PodInfo {
  const found = node.pods.get(uid)
  if (found !== undefined) return found
  throw new Error(
    `extender: ${url} claims to preempt pod (UID: &MetaPod{UID:${uid},}) on node: ${node.name}, but the pod is not found on that node`,
  )
}

/** Whether a container asks for one of the resources, or is limited in it. */
function usesAny({ pod }: PodInfo, resources: ReadonlySet<string>): boolean {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  return containers.some((container) =>
    [container.resources?.requests, container.resources?.limits].some((list) =>
      Object.keys(list ?? {}).some((name) => resources.has(name)),
    ),
  )
}

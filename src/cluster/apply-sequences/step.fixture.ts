/** One request of a sequence; the answers, with their managedFields, are what upstream is compared by. */
export interface Step {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly manager?: string
  readonly contentType?: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** A PUT of what the last answer was, changed. */
  readonly change?: (last: never) => void
}
export interface Sequence {
  readonly name: string
  readonly steps: readonly Step[]
}

const namespaced = (api: string, resource: string) => `${api}/namespaces/default/${resource}`
export const collections = {
  ConfigMap: namespaced('/api/v1', 'configmaps'),
  Deployment: namespaced('/apis/apps/v1', 'deployments'),
  Service: namespaced('/api/v1', 'services'),
  Pod: namespaced('/api/v1', 'pods'),
  Secret: namespaced('/api/v1', 'secrets'),
  Node: '/api/v1/nodes',
  HorizontalPodAutoscaler: namespaced('/apis/autoscaling/v1', 'horizontalpodautoscalers'),
  Thing: namespaced('/apis/apply.example.com/v1', 'things'),
} as const
export type Kind = keyof typeof collections

const apiVersions: Readonly<Record<Kind, string>> = {
  ConfigMap: 'v1',
  Deployment: 'apps/v1',
  Service: 'v1',
  Pod: 'v1',
  Secret: 'v1',
  Node: 'v1',
  HorizontalPodAutoscaler: 'autoscaling/v1',
  Thing: 'apply.example.com/v1',
}

/** The verbs on one object. */
export function verbsOf(kind: Kind, name: string) {
  const path = `${collections[kind]}/${name}`
  const whole = (body: object) => ({
    kind,
    apiVersion: apiVersions[kind],
    ...body,
    metadata: { name, ...(body as { metadata?: object }).metadata },
  })
  const sub = (subresource: string) => (subresource === '' ? path : `${path}/${subresource}`)
  return {
    apply: (manager: string, body: object, options: { force?: boolean; subresource?: string } = {}): Step => ({
      method: 'PATCH',
      path: sub(options.subresource ?? ''),
      manager,
      contentType: 'application/apply-patch+yaml',
      query: options.force ? { force: 'true' } : {},
      body: whole(body),
    }),
    /** Exactly this body. */
    applyRaw: (manager: string, body: object, subresource = ''): Step => ({
      method: 'PATCH',
      path: sub(subresource),
      manager,
      contentType: 'application/apply-patch+yaml',
      body,
    }),
    create: (manager: string, body: object): Step => ({
      method: 'POST',
      path: collections[kind],
      manager,
      body: whole(body),
    }),
    merge: (manager: string, body: object, subresource = ''): Step => ({
      method: 'PATCH',
      path: sub(subresource),
      manager,
      contentType: 'application/merge-patch+json',
      body,
    }),
    strategic: (manager: string, body: object, subresource = ''): Step => ({
      method: 'PATCH',
      path: sub(subresource),
      manager,
      contentType: 'application/strategic-merge-patch+json',
      body,
    }),
    json: (manager: string, body: readonly object[], subresource = ''): Step => ({
      method: 'PATCH',
      path: sub(subresource),
      manager,
      contentType: 'application/json-patch+json',
      body,
    }),
    put: (manager: string, change: (last: never) => void, subresource = ''): Step => ({
      method: 'PUT',
      path: sub(subresource),
      manager,
      change,
    }),
    get: (subresource = ''): Step => ({ method: 'GET', path: sub(subresource) }),
    delete: (): Step => ({ method: 'DELETE', path }),
  }
}

/** A kind whose schema has one of each: lists that are maps, sets and atoms, maps that are atoms, unknown fields. */
export const thingDefinition = {
  kind: 'CustomResourceDefinition',
  apiVersion: 'apiextensions.k8s.io/v1',
  metadata: { name: 'things.apply.example.com' },
  spec: {
    group: 'apply.example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  replicas: { type: 'integer' },
                  text: { type: 'string' },
                  other: { type: 'string', nullable: true },
                  granular: { type: 'object', additionalProperties: { type: 'string' } },
                  atomicMap: {
                    type: 'object',
                    additionalProperties: { type: 'string' },
                    'x-kubernetes-map-type': 'atomic',
                  },
                  struct: {
                    type: 'object',
                    properties: { a: { type: 'string' }, b: { type: 'integer' }, c: { type: 'boolean' } },
                  },
                  atomicStruct: {
                    type: 'object',
                    'x-kubernetes-map-type': 'atomic',
                    properties: { a: { type: 'string' }, b: { type: 'integer' } },
                  },
                  set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
                  numbers: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'integer' } },
                  list: { type: 'array', items: { type: 'string' } },
                  map: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: {
                        name: { type: 'string' },
                        value: { type: 'string' },
                        inner: {
                          type: 'array',
                          'x-kubernetes-list-type': 'set',
                          items: { type: 'string' },
                        },
                      },
                    },
                  },
                  ports: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['port', 'protocol'],
                    items: {
                      type: 'object',
                      required: ['port'],
                      properties: {
                        port: { type: 'integer' },
                        protocol: { type: 'string', default: 'TCP' },
                        name: { type: 'string' },
                      },
                    },
                  },
                  anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
              },
              status: {
                type: 'object',
                properties: { replicas: { type: 'integer' }, phase: { type: 'string' } },
              },
            },
          },
        },
      },
    ],
  },
}

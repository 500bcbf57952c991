import type { Service } from '../types.generated.ts'
import { countName, type QuotaEvaluator } from './evaluator.ts'

const count = countName({ group: '', resource: 'services' })
const names = [count, 'services', 'services.nodeports', 'services.loadbalancers']

/** pkg/quota/v1/evaluator/core/services.go. */
export const serviceEvaluator: QuotaEvaluator<Service> = {
  handles: ({ operation, subresource }) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  matchingResources: (wanted) => wanted.filter((name) => names.includes(name)),
  matchesScope: () => false,
  constraint: () => undefined,
  usage({ spec }) {
    const { type, ports = [], allocateLoadBalancerNodePorts } = spec ?? {}
    const chosen = ports.filter(({ nodePort }) => nodePort).length
    const balanced = allocateLoadBalancerNodePorts === false ? chosen : ports.length
    const nodePorts = type === 'NodePort' ? ports.length : type === 'LoadBalancer' ? balanced : 0
    return {
      [count]: '1',
      services: '1',
      'services.loadbalancers': type === 'LoadBalancer' ? '1' : '0',
      'services.nodeports': String(nodePorts),
    }
  },
}

import type { Resizes } from '../workers/worker-context.ts'

/** Pods keep the resources that they were started with. */
export const fixedResources: Resizes = {
  allocated: (pod) => pod,
  decide: () => 'keep',
  apply: async () => {},
  conditions: () => [],
  forget: () => {},
}

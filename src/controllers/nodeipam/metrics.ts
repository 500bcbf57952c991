import { controllerMetrics, exponentialBuckets } from '../runtime/controller-metrics.ts'

/** How much of a cluster's network is given out (pkg/controller/nodeipam/ipam/cidrset/metrics.go). */
export const cidrMetrics = controllerMetrics((registry) => {
  const labels = ['clusterCIDR']
  const name = (what: string) => `node_ipam_controller_${what}`
  return {
    allocations: registry.counter(name('cidrset_cidrs_allocations_total'), 'Networks given to nodes.', labels),
    releases: registry.counter(name('cidrset_cidrs_releases_total'), 'Networks that came back.', labels),
    // Upstream’s letters are in this order.
    most: registry.gauge(name('cirdset_max_cidrs'), 'Networks that there are to give.', labels),
    usage: registry.gauge(name('cidrset_usage_cidrs'), 'Which part of them is given out.', labels),
    tries: registry.histogram(
      name('cidrset_allocation_tries_per_request'),
      'Networks that were looked at until one was free.',
      exponentialBuckets(1, 5, 5),
      labels,
    ),
  }
})

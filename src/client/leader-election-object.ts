/** How a part takes turns with others of its kind, as configurations write it (component-base LeaderElectionConfiguration). */
export function leaderElectionObject(lease: string, leads: boolean): object {
  return {
    leaderElect: leads,
    leaseDuration: '15s',
    renewDeadline: '10s',
    retryPeriod: '2s',
    resourceLock: 'leases',
    resourceName: lease,
    resourceNamespace: 'kube-system',
  }
}

/** How amounts of CPU become values of cgroups (upstream: pkg/kubelet/cm/helpers_linux.go). */
const minShares = 2
const maxShares = 262144
const sharesPerCpu = 1024
/** Microseconds. */
export const quotaPeriod = 100_000
const minQuota = 1000

export function cpuShares(milli: number): number {
  if (milli === 0) return minShares
  return Math.min(maxShares, Math.max(minShares, Math.floor((milli * sharesPerCpu) / 1000)))
}
export function milliOfShares(shares: number): number {
  return Math.ceil((shares * 1000) / sharesPerCpu)
}
/** Microseconds per period; 0: no limit. */
export function cpuQuota(milli: number, period = quotaPeriod): number {
  return milli === 0 ? 0 : Math.max(minQuota, Math.floor((milli * period) / 1000))
}
export function milliOfQuota(quota: number, period: number): number {
  return period === 0 ? 0 : Math.floor((quota * 1000) / period)
}
/** cgroup v2's cpu.weight for v1's shares, as runc converts them (opencontainers/cgroups ConvertCPUSharesToCgroupV2Value). */
export function cpuWeight(shares: number): number {
  if (shares === 0) return 0
  if (shares <= minShares) return 1
  if (shares >= maxShares) return 10_000
  const log = Math.log2(shares)
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))
}

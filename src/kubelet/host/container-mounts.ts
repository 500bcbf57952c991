import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VolumeMount } from '../../api/types.generated.ts'
import type { Random } from '../../machinery/random.ts'
import { expand } from '../environment/expansion.ts'
import { isHostNetwork } from '../pods/containers.ts'
import type { Mount } from '../runtimes/types.ts'
import { managedHostsFile, nodeHostsFile } from '../sandbox/hosts-file.ts'
import type { MountTable } from '../volumes/mount-table.ts'
import type { PodVolumes } from '../volumes/pod-volumes.ts'
import { bindSubpath, makeSubpath } from '../volumes/subpath.ts'
import type { MountRequest } from './pod-host.ts'

export interface ContainerMountsContext {
  readonly volumes: PodVolumes
  readonly mounts: MountTable
  readonly random: Random
  readonly podFolder: (uid: string) => string
}

/** A container's mounts: its volumes, /etc/hosts, and the file for its last words (upstream: makeMounts). */
export async function containerMounts(
  context: ContainerMountsContext,
  request: MountRequest,
): Promise<readonly Mount[]> {
  const { pod, container, podIPs } = request
  const mounts: Mount[] = []
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    mounts.push(await volumeMount(context, request, mount, index))
  }
  const ownHosts = container.volumeMounts?.some(({ mountPath }) => mountPath === '/etc/hosts') === true
  if (!ownHosts && (podIPs.length > 0 || isHostNetwork(pod))) mounts.push(await hostsMount(context, request))
  if (container.terminationMessagePath) mounts.push(await terminationMount(context, request))
  return mounts
}

async function volumeMount(
  context: ContainerMountsContext,
  request: MountRequest,
  mount: VolumeMount,
  index: number,
): Promise<Mount> {
  const { pod, container, images } = request
  const uid = pod.metadata.uid ?? ''
  const subPath = resolveSubPath(mount, request.environment)
  const common = {
    containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    propagation: propagation(mount),
    recursiveReadOnly: recursiveReadOnly(mount, request.recursiveReadOnly),
  }
  const image = images.get(mount.name)
  if (image !== undefined) {
    return { ...common, hostPath: '', readonly: true, image: { image }, ...(subPath && { imageSubPath: subPath }) }
  }
  const volume = context.volumes.get(uid, mount.name)
  if (volume === undefined) {
    throw new Error(
      `cannot find volume ${JSON.stringify(mount.name)} to mount into container ${JSON.stringify(container.name)}`,
    )
  }
  const readonly = mount.readOnly === true || volume.readOnly
  if (subPath === '') return { ...common, hostPath: volume.path, readonly }
  return { ...common, hostPath: await subPathOf(context, request, mount, index, volume.path, subPath), readonly }
}

function resolveSubPath(mount: VolumeMount, environment: ReadonlyMap<string, string>): string {
  let subPath = mount.subPath ?? ''
  if (mount.subPathExpr) {
    const missing = new Set<string>()
    subPath = expand(mount.subPathExpr, (name) => {
      const value = environment.get(name)
      if (!value) missing.add(name)
      return value ?? ''
    })
    if (missing.size > 0) throw new Error(`missing value for ${[...missing].sort().join(', ')}`)
  }
  if (subPath.startsWith('/')) throw new Error(`error SubPath \`${subPath}\` must not be an absolute path`)
  if (subPath.split('/').includes('..')) {
    throw new Error(`unable to provision SubPath \`${subPath}\`: must not contain '..'`)
  }
  return subPath
}

/** Failures do not say more than that: their detail would tell about the node's files. */
async function subPathOf(
  context: ContainerMountsContext,
  { pod, container }: MountRequest,
  mount: VolumeMount,
  index: number,
  volumePath: string,
  subPath: string,
): Promise<string> {
  const where = `subPath directory for volumeMount ${JSON.stringify(mount.name)} of container ${JSON.stringify(container.name)}`
  if ((await stat(join(volumePath, subPath)).catch(() => undefined)) === undefined) {
    try {
      await makeSubpath(volumePath, subPath, (await stat(volumePath)).mode & 0o7777)
    } catch (error) {
      throw new Error(`failed to create ${where}`, { cause: error })
    }
  }
  const target = join(
    context.podFolder(pod.metadata.uid ?? ''),
    'volume-subpaths',
    mount.name,
    container.name,
    String(index),
  )
  try {
    await bindSubpath(context.mounts, volumePath, subPath, target)
  } catch (error) {
    throw new Error(`failed to prepare ${where.replace('directory ', '')}`, { cause: error })
  }
  return target
}

function propagation({ mountPropagation }: VolumeMount): Mount['propagation'] {
  switch (mountPropagation ?? 'None') {
    case 'None':
      return 'private'
    case 'HostToContainer':
      return 'hostToContainer'
    case 'Bidirectional':
      return 'bidirectional'
    default:
      throw new Error(`invalid MountPropagation mode: ${JSON.stringify(mountPropagation)}`)
  }
}

function recursiveReadOnly(mount: VolumeMount, supported: boolean): boolean {
  if (mount.recursiveReadOnly === 'Enabled' && !supported) {
    throw new Error(
      'failed to resolve recursive read-only mode: volume "' +
        mount.name +
        '" requested recursive read-only mode, but it is not supported by the runtime',
    )
  }
  return mount.recursiveReadOnly === 'Enabled' || (mount.recursiveReadOnly === 'IfPossible' && supported)
}

async function hostsMount(context: ContainerMountsContext, request: MountRequest): Promise<Mount> {
  const { pod, podIPs, hostname, domain } = request
  const aliases = pod.spec.hostAliases ?? []
  const content = isHostNetwork(pod)
    ? nodeHostsFile(await readFile('/etc/hosts', 'utf8'), aliases)
    : managedHostsFile({ ips: podIPs, hostname, domain, aliases })
  const path = join(context.podFolder(pod.metadata.uid ?? ''), 'etc-hosts')
  await writeFile(path, content)
  await chmod(path, 0o644)
  return { containerPath: '/etc/hosts', hostPath: path, readonly: false, propagation: 'private' }
}

async function terminationMount(context: ContainerMountsContext, { pod, container }: MountRequest): Promise<Mount> {
  const folder = join(context.podFolder(pod.metadata.uid ?? ''), 'containers', container.name)
  await mkdir(folder, { recursive: true, mode: 0o750 })
  // Each run of the container has a file of its own.
  const path = join(
    folder,
    Math.floor(context.random.float() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  )
  await writeFile(path, '')
  await chmod(path, 0o666)
  const containerPath = container.terminationMessagePath ?? ''
  return {
    containerPath: containerPath.startsWith('/') ? containerPath : `/${containerPath}`,
    hostPath: path,
    readonly: false,
    propagation: 'private',
  }
}

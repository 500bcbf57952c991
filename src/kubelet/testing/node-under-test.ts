import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { events as eventKind } from '../../api/core/v1/event.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { ContainerStatus, Pod } from '../../api/types.generated.ts'
import { type FakeClient, fakeClient } from '../../client/fake/fake-client.ts'
import { sleep, systemClock } from '../../machinery/clock.ts'
import { createLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createKubelet, type Kubelet } from '../kubelet.ts'
import { containerdFolders, startContainerd, type TestContainerd, testImages } from './containerd.ts'

/** A kubelet on a real containerd, with a fake API; started before the tests of the file and ended after them. */
export class NodeUnderTest {
  containerd!: TestContainerd
  client!: FakeClient
  #kubelet!: Kubelet

  constructor() {
    before(async () => {
      this.containerd = await startContainerd(containerdFolders()[0]!)
      this.client = fakeClient()
      await this.startKubelet()
    })
    after(async () => {
      await this.stopKubelet()
      await this.containerd.stop()
    })
  }

  get folder(): string {
    return this.containerd.folder
  }
  async startKubelet(): Promise<void> {
    this.#kubelet = createKubelet({
      nodeName: 'node',
      client: this.client,
      runtime: this.containerd.runtime,
      clock: systemClock,
      random: systemRandom,
      log: createLogger({ level: 'info', write: (line) => process.stderr.write(line), now: () => systemClock.now() }),
      paths: {
        rootDir: join(this.folder, 'kubelet'),
        podLogsDir: join(this.folder, 'logs/pods'),
        containerLogsDir: join(this.folder, 'logs/containers'),
        staticPodsDir: join(this.folder, 'manifests'),
      },
      nodeIPs: ['10.85.1.1'],
      clusterDNS: ['10.96.0.10'],
      clusterDomain: 'cluster.local',
      cgroupRoot: this.containerd.cgroupRoot,
    })
    await this.#kubelet.start()
  }
  stopKubelet(): Promise<void> {
    return this.#kubelet.stop()
  }

  async create(pod: Pod): Promise<void> {
    await this.client.create(pods, pod)
  }
  find(name: string): Pod | undefined {
    return this.client.objects(pods).find(({ metadata }) => metadata.name === name)
  }
  /** Waits up to 20 seconds. */
  async until(name: string, done: (pod: Pod) => boolean): Promise<Pod> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const pod = this.find(name)
      if (pod !== undefined && done(pod)) return pod
      await sleep(systemClock, 100)
    }
    throw new Error(`${name} never got there: ${JSON.stringify(this.find(name)?.status, undefined, 1)}`)
  }
  /** Deletes a pod and waits until it is gone. */
  async remove(name: string, gracePeriodSeconds = 1): Promise<void> {
    await this.client.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds })
    for (let attempt = 0; this.find(name) !== undefined; attempt++) {
      if (attempt === 150) throw new Error(`${name} is still there`)
      await sleep(systemClock, 100)
    }
  }
  /** The lines that a container wrote. */
  log({ metadata }: Pod, container = 'main', run = 0): string[] {
    const folder = join(this.folder, `logs/pods/default_${metadata.name}_${metadata.uid}`)
    return readFileSync(join(folder, container, `${run}.log`), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ').slice(3).join(' '))
  }
  messages(): string[] {
    return this.client
      .objects(eventKind)
      .map(({ involvedObject, reason, message }) => `${involvedObject.name} ${reason}: ${message}`)
  }
}

export const app = (script: string, more: object = {}) => ({
  name: 'main',
  image: testImages.busybox,
  imagePullPolicy: 'IfNotPresent' as const,
  command: ['sh', '-c', script],
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File' as const,
  ...more,
})

export const pod = (name: string, script: string, spec: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    nodeName: 'node',
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 2,
    dnsPolicy: 'ClusterFirst',
    containers: [app(script)],
    ...spec,
  },
  status: { phase: 'Pending' },
})

export const phase =
  (wanted: string) =>
  ({ status }: Pod): boolean =>
    status.phase === wanted

export const ready = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true

export const main = ({ status }: Pod): ContainerStatus =>
  status.containerStatuses?.[0] ?? { name: '', ready: false, restartCount: 0, image: '', imageID: '' }

import { after } from 'node:test'
import { join } from 'node:path'
import { systemClock } from '../../../machinery/clock.ts'
import { containerdFolders, startContainerd, type TestContainerd, testImages } from '../../testing/containerd.ts'
import { insideNamespaces } from '../../testing/inside-namespaces.ts'
import { runtimeConformance } from '../conformance.ts'

const scripts = {
  obeys: 'trap "exit 0" TERM; while :; do sleep 0.05; done',
  ignores: 'trap "" TERM; while :; do sleep 0.05; done',
  fails: 'exit 3',
}

if (insideNamespaces(import.meta.url)) {
  // Each containerd of the machine: features differ between 1.6 and 2.x.
  for (const folder of containerdFolders()) {
    let containerd: TestContainerd | undefined
    after(() => containerd?.stop())
    runtimeConformance(`containerd of ${folder}`, async () => {
      containerd = await startContainerd(folder)
      return {
        runtime: containerd.runtime,
        clock: systemClock,
        image: testImages.busybox,
        command: (program) => ['sh', '-c', scripts[program]],
        execCommand: ['sh', '-c', 'echo out; exit 4'],
        logDirectory: join(containerd.folder, 'logs'),
        cgroupParent: containerd.cgroupRoot,
      }
    })
  }
}

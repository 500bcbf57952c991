import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import type { ImageContent } from './docker-archive.ts'
import type { TarEntry } from './tar.ts'

const places = ['/bin/busybox', '/usr/bin/busybox']

/**
 * A small Linux made of this machine's static busybox (Debian: busybox-static): a shell and some 270 tools in /bin.
 * Undefined where there is none. `files` come on top.
 */
export function busyboxImage(name: string, files: readonly TarEntry[] = []): ImageContent | undefined {
  const busybox = places.find((place) => existsSync(place))
  if (busybox === undefined) return undefined
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean)
  const folder = (path: string, mode = 0o755) => ({ path, mode, folder: true })
  return {
    name,
    command: ['sh'],
    files: [
      ...['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'usr', 'var'].map((path) => folder(path)),
      folder('tmp', 0o1777),
      { path: 'bin/busybox', mode: 0o755, content: readFileSync(busybox) },
      ...applets
        .filter((applet) => applet !== 'busybox')
        .map((applet) => ({ path: `bin/${applet}`, linkTo: 'busybox' })),
      { path: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n' },
      { path: 'etc/group', content: 'root:x:0:\nnogroup:x:65534:\n' },
      ...files,
    ],
  }
}

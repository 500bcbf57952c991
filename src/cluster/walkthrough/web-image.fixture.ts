import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What busybox programs the test images have as names of their own. */
const applets = [
  'sh',
  'cat',
  'ls',
  'touch',
  'rm',
  'sleep',
  'echo',
  'hostname',
  'nc',
  'wget',
  'nslookup',
  'id',
  'env',
  'tar',
  'test',
  'true',
  'false',
  'date',
  'head',
  'grep',
  'wc',
]

/**
 * A web server in shell, with a version that its `Server` header tells, as a folder for `skiff image build`. When it is
 * asked to end it serves on for a moment, until the proxies have taken it out of its service.
 */
export function webImage(folder: string, version: string, busybox = '/bin/busybox'): string {
  const bin = join(folder, 'rootfs/bin')
  mkdirSync(bin, { recursive: true })
  mkdirSync(join(folder, 'rootfs/tmp'), { mode: 0o1777 })
  copyFileSync(busybox, join(bin, 'busybox'))
  chmodSync(join(bin, 'busybox'), 0o755)
  for (const applet of applets) symlinkSync('busybox', join(bin, applet))
  const answer = `#!/bin/sh
read -r request
printf 'HTTP/1.1 200 OK\\r\\nServer: web/${version}\\r\\nX-Pod: %s\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\n' "$(hostname)"
case $request in HEAD*) ;; *) printf 'ok\\n' ;; esac
`
  const serve = `#!/bin/sh
trap 'sleep 2; exit 0' TERM
echo "serving version ${version}"
nc -ll -p "\${PORT:-80}" -e /answer &
wait
`
  for (const [name, text] of [
    ['answer', answer],
    ['serve', serve],
  ] as const) {
    writeFileSync(join(folder, 'rootfs', name), text)
    chmodSync(join(folder, 'rootfs', name), 0o755)
  }
  writeFileSync(join(folder, 'image.json'), JSON.stringify({ Entrypoint: ['/serve'], Env: ['PATH=/bin'] }))
  return folder
}

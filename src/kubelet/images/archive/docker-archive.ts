import { createHash } from 'node:crypto'
import { type TarEntry, tar } from './tar.ts'

/** What an image is made of. Of one layer; the config's words are those of the OCI image specification. */
export interface ImageContent {
  /** With a tag: `skiff.local/pause:1`. */
  readonly name: string
  readonly files: readonly TarEntry[]
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly env?: readonly string[]
  readonly user?: string
  readonly workingDir?: string
}

export type ImageArchitecture = 'amd64' | 'arm64'

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** A docker archive, as `docker save` writes and `ctr images import` reads it. The same content gives the same bytes. */
export function dockerArchive(images: readonly ImageContent[], architecture: ImageArchitecture): Buffer {
  const files = new Map<string, Uint8Array | string>()
  const manifest = images.map((image) => {
    const { layer, config } = imageParts(image, architecture)
    const digest = sha256(layer)
    files.set(`${digest}.tar`, layer)
    files.set(`${sha256(config)}.json`, config)
    return { Config: `${sha256(config)}.json`, RepoTags: [image.name], Layers: [`${digest}.tar`] }
  })
  const entries = [...files].map(([path, content]) => ({ path, content }))
  return tar([...entries, { path: 'manifest.json', content: JSON.stringify(manifest) }])
}

/** The layer of an image as tar, and its configuration as JSON. */
export function imageParts(image: ImageContent, architecture: ImageArchitecture): { layer: Buffer; config: string } {
  const layer = tar(image.files)
  const config = JSON.stringify({
    architecture,
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      Cmd: image.command,
      Env: image.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      User: image.user,
      WorkingDir: image.workingDir,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'skiff' }],
  })
  return { layer, config }
}

export function hostArchitecture(): ImageArchitecture {
  return process.arch === 'arm64' ? 'arm64' : 'amd64'
}

/** Names of images (distribution/reference; upstream: pkg/util/parsers). */
const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const pathPart = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const reference = new RegExp(
  `^((?:${domain}/)?${pathPart}(?:/${pathPart})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
)

export interface ImageName {
  /** With its registry: `docker.io/library/busybox`. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

/** Throws upstream's text for a name that is none. */
export function parseImageName(image: string): ImageName {
  const match = reference.exec(image)
  if (match === null) {
    const why =
      /[A-Z]/.test(image.split('/').at(-1) ?? '') && reference.test(image.toLowerCase())
        ? 'repository name must be lowercase'
        : 'invalid reference format'
    const detail = why === 'invalid reference format' ? why : `invalid reference format: ${why}`
    throw new Error(`couldn't parse image name ${JSON.stringify(image)}: ${detail}`)
  }
  const [, name = '', tag, digest] = match
  const slash = name.indexOf('/')
  const first = name.slice(0, slash)
  const hasDomain = slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  const familiar = hasDomain ? name : `docker.io/${slash < 0 ? `library/${name}` : name}`
  const repository = familiar
    .replace(/^index\.docker\.io\//, 'docker.io/')
    .replace(/^(docker\.io)\/([^/]+)$/, '$1/library/$2')
  return { repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest }
}

/** The name with `:latest` when it has neither tag nor digest. Otherwise as it was written. */
export function withDefaultTag(image: string): string {
  const { tag, digest } = parseImageName(image)
  return digest === undefined && tag !== undefined && !image.endsWith(`:${tag}`) ? `${image}:${tag}` : image
}

/**
 * The tag that an image reference asks for: 'latest' when it names neither tag nor digest, '' when it has only a digest
 * or cannot be read (pkg/util/parsers ParseImageName, distribution/reference).
 */
export function imageTag(image: string): string {
  const match = reference.exec(image)
  if (match === null || /^[a-f0-9]{64}$/.test(image)) return ''
  const { name = '', tag = '', digest = '' } = match.groups!
  if (repositoryPath(name).length > maxPathLength) return ''
  return tag === '' && digest === '' ? 'latest' : tag
}

const maxPathLength = 255
/** Of a repository, without its host; those of Docker's own library are below `library`. */
function repositoryPath(name: string): string {
  const [first = '', ...rest] = name.split('/')
  if (rest.length === 0) return `library/${name}`
  return /[.:A-Z]/.test(first) || first === 'localhost' ? rest.join('/') : name
}

const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`
const pathPart = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const reference = new RegExp(
  `^(?<name>(?:${domain}/)?${pathPart}(?:/${pathPart})*)(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
)

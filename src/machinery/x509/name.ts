import { childrenOf, DerError, type DerElement, der, readOid, readText } from './der.ts'

/** A distinguished name, as far as Kubernetes reads one: who (CN) and in which groups (O). */
export interface Name {
  readonly commonName?: string
  readonly organizations?: readonly string[]
}

export interface NameAttribute {
  readonly oid: string
  readonly value: string
}

const commonName = '2.5.4.3'
const organization = '2.5.4.10'
/** Where Kubernetes carries a user's uid (apiserver pkg/authentication/request/x509). */
export const uidAttribute = '1.3.6.1.4.1.57683.2'

/** All organizations stand in one relative name, and before the common name, as Go's pkix writes them. */
export function encodeName(name: Name): Buffer {
  const attribute = (oid: string, value: string) =>
    der.sequence(der.oid(oid), /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? der.printable(value) : der.utf8(value))
  const sets: Buffer[] = []
  if (name.organizations !== undefined && name.organizations.length > 0)
    sets.push(der.set(...name.organizations.map((value) => attribute(organization, value))))
  if (name.commonName) sets.push(der.set(attribute(commonName, name.commonName)))
  return der.sequence(...sets)
}

export function readName(found: DerElement): { readonly name: Name; readonly attributes: readonly NameAttribute[] } {
  const attributes: NameAttribute[] = []
  for (const set of childrenOf(found)) {
    for (const pair of childrenOf(set)) {
      const [oid, value] = childrenOf(pair)
      if (value === undefined) throw new DerError('malformed distinguished name')
      attributes.push({ oid: readOid(oid), value: readText(value) })
    }
  }
  return {
    // Like Go's pkix.Name, the last common name counts.
    name: {
      commonName: attributes.findLast(({ oid }) => oid === commonName)?.value ?? '',
      organizations: attributes.filter(({ oid }) => oid === organization).map(({ value }) => value),
    },
    attributes,
  }
}

import { dns1035Label, dns1123Label, dns1123Subdomain } from './dns-names.ts'
import { pathSegment } from './value-formats.ts'

/** Checks a name, or a prefix to which more will be added; returns what is wrong with it. */
export type NameCheck = (name: string, isPrefix: boolean) => string[]

// A prefix may end in a dash, for a suffix follows. As upstream's maskTrailingDash: the last two characters become one.
const masked =
  (check: (name: string) => string[]): NameCheck =>
  (name, isPrefix) =>
    check(isPrefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name)

/** The common rules for the names of objects (apimachinery pkg/api/validation/generic.go). */
export const nameChecks = {
  dns1123Subdomain: masked((name) => dns1123Subdomain(name)),
  dns1123Label: masked(dns1123Label),
  dns1035Label: masked(dns1035Label),
  pathSegment,
  any: () => [],
} as const satisfies Record<string, NameCheck>

import {
  compareVersions,
  parseTolerantVersion,
  parseVersion,
  type SemanticVersion,
  SemanticVersionError,
} from '../../semantic-version.ts'
import type { Library } from '../environment.ts'
import { memberOverload, overload } from '../function.ts'
import { boolType, intType, stringType } from '../type.ts'
import { CelError, type Value } from '../value.ts'
import { SemverValue, semverType } from './kubernetes-values.ts'

function semver(text: string, normalize = false): Value {
  try {
    return new SemverValue(normalize ? parseTolerantVersion(text) : parseVersion(text))
  } catch (error) {
    if (error instanceof SemanticVersionError) return new CelError(error.message)
    throw error
  }
}
const isSemver = (text: string, normalize = false) => semver(text, normalize) instanceof SemverValue
const compare = (name: string, id: string, holds: (order: number) => boolean) => ({
  name,
  overloads: [
    memberOverload(id, [semverType, semverType], boolType, (a: SemverValue, b: SemverValue) =>
      holds(compareVersions(a.version, b.version)),
    ),
  ],
})
const part = (name: 'major' | 'minor' | 'patch') => ({
  name,
  overloads: [
    memberOverload(`semver_${name}`, [semverType], intType, (of: SemverValue) =>
      BigInt.asIntN(64, of.version[name] satisfies SemanticVersion['major']),
    ),
  ],
})

/** apiserver pkg/cel/library/semverlib.go, version 1. */
export const semverLibrary: Library = {
  functions: [
    {
      name: 'semver',
      overloads: [
        overload('string_to_semver', [stringType], semverType, (text: string) => semver(text)),
        overload('string_bool_to_semver', [stringType, boolType], semverType, semver),
      ],
    },
    {
      name: 'isSemver',
      overloads: [
        overload('is_semver_string', [stringType], boolType, (text: string) => isSemver(text)),
        overload('is_semver_string_bool', [stringType, boolType], boolType, isSemver),
      ],
    },
    compare('isGreaterThan', 'semver_is_greater_than', (order) => order > 0),
    compare('isLessThan', 'semver_is_less_than', (order) => order < 0),
    {
      name: 'compareTo',
      overloads: [
        memberOverload('semver_compare_to', [semverType, semverType], intType, (a: SemverValue, b: SemverValue) =>
          BigInt(compareVersions(a.version, b.version)),
        ),
      ],
    },
    part('major'),
    part('minor'),
    part('patch'),
  ],
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readGoPackage, type GoDeclaration } from './go-types.ts'
import { readProto, type ProtoField } from './proto.ts'

/** A Go package of API types. */
export interface ApiPackage {
  /** Where its sources are. */
  readonly folder: string
  /** Import path: `k8s.io/api/core/v1`. */
  readonly path: string
  /** Short name in the facts table: `core/v1`, `resource`. */
  readonly alias: string
  /** Prefix of its OpenAPI definitions: `io.k8s.api.core.v1`. */
  readonly prefix: string
  /** Absent for packages that hold no kinds. */
  readonly group?: string
  readonly version?: string
  readonly types: ReadonlyMap<string, GoDeclaration>
  readonly messages: ReadonlyMap<string, readonly ProtoField[]>
}

/** Packages with types that clients or webhooks see though no OpenAPI document names them. */
const unpublished = [
  'k8s.io/api/admission/v1',
  'k8s.io/api/apidiscovery/v2',
  'k8s.io/api/apidiscovery/v2beta1',
  'k8s.io/apiserver/pkg/apis/audit/v1',
  'k8s.io/apimachinery/pkg/types',
]

/** The packages of all published definitions, keyed by import path. */
export function readPackages(
  modules: ReadonlyMap<string, string>,
  definitions: Iterable<string>,
): ReadonlyMap<string, ApiPackage> {
  const paths = new Set(unpublished)
  for (const name of definitions) paths.add(importPath(name.slice(0, name.lastIndexOf('.'))))
  const packages = new Map<string, ApiPackage>()
  for (const path of [...paths].sort()) {
    const module = path.split('/').slice(0, 2).join('/')
    const folder = join(modules.get(module) ?? '', path.slice(module.length + 1))
    const register = join(folder, 'register.go')
    const group = existsSync(register)
      ? /GroupName\s*=\s*"([^"]*)"/.exec(readFileSync(register, 'utf8'))?.[1]
      : undefined
    const proto = join(folder, 'generated.proto')
    const segments = path.split('/')
    const versioned = /^v\d/.test(segments.at(-1)!)
    packages.set(path, {
      folder,
      path,
      alias: segments.slice(versioned ? -2 : -1).join('/'),
      prefix: `io.${path.replace('k8s.io/', 'k8s.').replaceAll('/', '.')}`,
      group,
      version: group === undefined ? undefined : segments.at(-1),
      types: readGoPackage(folder, path),
      messages: existsSync(proto) ? readProto(readFileSync(proto, 'utf8')) : new Map(),
    })
  }
  return packages
}

/** `io.k8s.api.core.v1` → `k8s.io/api/core/v1`. */
function importPath(prefix: string): string {
  const [, , module, ...rest] = prefix.split('.')
  return ['k8s.io', module, ...rest].join('/')
}

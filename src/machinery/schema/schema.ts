/**
 * The one schema form: built-in kinds (from the facts table) and custom resources (from their OpenAPI v3) are both
 * described by it, so that validation of shape, defaulting, pruning, patching, apply, protobuf, OpenAPI and `explain`
 * are written once. Vocabulary: OpenAPI v3 with Kubernetes' extensions, without the `x-kubernetes-` prefix.
 */
export interface Schema {
  /** Absent: whatever there is (an int-or-string, or a preserved unknown). */
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  /** OpenAPI format: int32, int64, double, date-time, byte, quantity, micro-time, duration, … */
  readonly format?: string
  /** Name of the definition, for shared types: `io.k8s.api.core.v1.PodSpec`. */
  readonly name?: string
  /** Go's name of a type that is no definition of its own, for error texts: `v1.ResourceList`. */
  readonly goType?: string
  /** Go's name of the type of a map's keys, where it is not `string`. */
  readonly keyGoType?: string
  readonly properties?: ReadonlyMap<string, Field>
  /** The schema of a map's values. */
  readonly values?: Schema
  /** The schema of a list's items. */
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly nullable?: boolean
  readonly enum?: readonly unknown[]
  readonly intOrString?: boolean
  readonly preserveUnknownFields?: boolean
  readonly embeddedResource?: boolean
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'granular' | 'atomic'
  /** Members of which at most one is set (x-kubernetes-unions). */
  readonly unions?: readonly Union[]
  /** Value checks of custom resources (minimum, pattern, allOf, CEL …); built-in kinds carry none. */
  readonly constraints?: unknown
  /** Structs whose members are this one's in JSON, and messages of their own in protobuf (VolumeSource in Volume). */
  readonly embedded?: readonly Embedded[]
  /** Go types with a JSON or protobuf form of their own. */
  readonly wrapper?:
    | 'quantity'
    | 'intOrString'
    | 'time'
    | 'microTime'
    | 'duration'
    | 'rawExtension'
    | 'fieldsV1'
    | 'json'
    | 'stringList'
    | 'schemaOrArray'
    | 'schemaOrBool'
    | 'schemaOrStringArray'
}

export interface Embedded {
  /** Protobuf field number; absent: not on the wire. */
  readonly number?: number
  readonly schema: Schema
}

export interface Field {
  readonly schema: Schema
  /** Protobuf field number; absent: not on the wire. */
  readonly number?: number
  readonly default?: unknown
  /** Strategic merge patch: `merge`, `replace`, `retainKeys`, or a comma-joined pair. */
  readonly patchStrategy?: string
  readonly patchMergeKey?: string
  /** Go has no omitempty here (or a non-pointer struct): the member is always written, `{}`, `""`, 0, false or null. */
  readonly always?: boolean
  /** A pointer in Go: unset and zero differ. Other scalars and maps and lists are left out when zero or empty. */
  readonly pointer?: boolean
}

export interface Union {
  readonly discriminator?: string
  readonly fieldsToDiscriminateBy?: Readonly<Record<string, string>>
}

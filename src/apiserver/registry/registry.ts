import type { ResourceDefinition, RuleContext } from '../../api/definition.ts'
import { defaultFeatureGates, type FeatureEnabled, type FeatureGates } from '../../api/features/feature-gates.ts'
import { formatTime, type Clock } from '../../machinery/clock.ts'
import {
  alreadyExists,
  ApiError,
  badRequest,
  conflict,
  generateNameConflict,
  invalid,
  isReason,
  notFound,
  staleWrite,
  type Status,
} from '../../machinery/errors.ts'
import { fieldErrors, goQuote } from '../../machinery/field-error.ts'
import { jsonClone, sortMembers, type Draft } from '../../machinery/json.ts'
import type { GroupResource, KubeObject } from '../../machinery/meta/object.ts'
import { keepTimesOfNoop } from '../../machinery/patch/apply/index.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import { nullEmptied } from '../../machinery/schema/wire-nulls.ts'
import type { Random } from '../../machinery/random.ts'
import { pathSegment } from '../../machinery/validation/value-formats.ts'
import type { StoredObject } from '../cache/stored-object.ts'
import {
  beforeDelete,
  deletesOnUpdate,
  garbageCollectionFinalizers,
  markAsDeleting,
  type DeleteOptions,
  type DeleteResult,
} from './deletion.ts'
import type { ObjectStorage, Preconditions, UpdateResult } from './object-storage.ts'
import type { RegistryHooks } from './registry-hooks.ts'
import type { WriteScope } from './write-scope.ts'
import { StorageError } from './storage-error.ts'
import {
  checkCreate,
  checkUpdate,
  ensureNamespace,
  prepareCreate,
  prepareUpdate,
  wipeSystemMetadata,
} from './strategy.ts'

/** How an update comes by the new state, given the present one (undefined: there is none). */
export interface Update {
  readonly preconditions?: Preconditions
  /** May be called again with a newer state. Returns a draft of its own. */
  readonly make: (existing: StoredObject | undefined) => Promise<Draft<KubeObject>> | Draft<KubeObject>
  readonly validateCreate: (object: KubeObject) => Promise<void> | void
  readonly validateUpdate: (object: KubeObject, old: KubeObject) => Promise<void> | void
  /** Server-side apply creates what is not there, whatever the kind says. */
  readonly forceAllowCreate?: boolean
}

const generateNameAttempts = 8
const generatedNameBaseLength = 58

/**
 * The life of one resource's objects: names, system metadata, the kind's strategy, storage (upstream:
 * apiserver pkg/registry/generic/registry/store.go). Knows nothing of requests; works in the version that is stored.
 */
export class Registry {
  readonly definition: ResourceDefinition
  readonly storage: ObjectStorage
  readonly #clock: Clock
  readonly #random: Random
  readonly #hooks: RegistryHooks
  readonly #features: FeatureGates
  readonly #on: GroupResource

  constructor(options: {
    definition: ResourceDefinition
    /** The one that is asked for, where another one's objects are meant. */
    group?: string
    storage: ObjectStorage
    clock: Clock
    random: Random
    hooks?: RegistryHooks
    features?: FeatureGates
  }) {
    this.definition = options.definition
    this.storage = options.storage
    this.#clock = options.clock
    this.#random = options.random
    this.#hooks = options.hooks ?? {}
    this.#features = options.features ?? defaultFeatureGates
    this.#on = { group: options.group ?? options.definition.group, resource: options.definition.resource }
  }

  /** Throws BadRequest for a name that is no path segment. */
  key(namespace: string, name: string): string {
    if (this.definition.namespaced && namespace === '') throw badRequest('Namespace parameter required.')
    if (name === '') throw badRequest('Name parameter required.')
    const faults = pathSegment(name)
    if (faults.length > 0) throw badRequest(`Name parameter invalid: ${goQuote(name)}: ${faults.join(';')}`)
    return this.definition.namespaced ? `${namespace}/${name}` : name
  }

  /** Throws NotFound. */
  async get(namespace: string, name: string): Promise<StoredObject> {
    const found = await this.storage.get(this.key(namespace, name))
    if (found === undefined) throw notFound(this.#on, name)
    return found
  }

  /** `draft` belongs to the registry from here on. */
  async create(
    draft: Draft<KubeObject>,
    validate: (object: KubeObject) => Promise<void> | void,
    scope: WriteScope,
  ): Promise<StoredObject> {
    const { generateName } = draft.metadata
    if (!generateName || draft.metadata.name) return this.#create(draft, validate, scope)
    for (let attempt = 1; ; attempt++) {
      const copy = attempt < generateNameAttempts ? jsonClone(draft) : draft
      try {
        return await this.#create(copy as Draft<KubeObject>, validate, scope)
      } catch (error) {
        if (attempt === generateNameAttempts || !isReason(error, 'AlreadyExists')) throw error
      }
    }
  }

  async #create(
    draft: Draft<KubeObject>,
    validate: (object: KubeObject) => Promise<void> | void,
    scope: WriteScope,
  ): Promise<StoredObject> {
    this.#fillSystemMetadata(draft)
    const statedRevision = Number(draft.metadata.resourceVersion ?? 0)
    const finish = await this.#hooks.beginCreate?.(draft, scope)
    let done = false
    try {
      await this.#beforeCreate(draft, scope)
      await validate(draft as KubeObject)
      const object = this.canonical(draft)
      const { name = '' } = object.metadata
      try {
        const ttlSeconds = this.#hooks.ttlSeconds
        const stored = await this.storage.create(this.key(scope.namespace, name), object, {
          dryRun: scope.dryRun,
          statedRevision,
          ttlSeconds,
        })
        done = true
        return stored
      } catch (error) {
        if (!(error instanceof StorageError)) throw error
        throw await this.#existsError(object, scope.namespace)
      }
    } finally {
      await finish?.(done && !scope.dryRun)
    }
  }

  #fillSystemMetadata(draft: Draft<KubeObject>): void {
    const { metadata } = draft
    metadata.creationTimestamp = formatTime(this.#clock.now())
    metadata.uid = this.#random.uuid()
    if (metadata.generateName && !metadata.name) {
      metadata.name = metadata.generateName.slice(0, generatedNameBaseLength) + this.#random.suffix(5)
    }
  }

  async #beforeCreate(draft: Draft<KubeObject>, scope: WriteScope): Promise<void> {
    ensureNamespace(draft, this.definition.namespaced ? scope.namespace : '')
    const { resourceVersion } = draft.metadata
    // The storage refuses it, which a dry run does not ask.
    if (resourceVersion && resourceVersion !== '0' && !scope.dryRun) {
      throw new ApiError({ code: 500, message: 'resourceVersion should not be set on objects to be created' })
    }
    delete draft.metadata.resourceVersion
    const context = this.#context(scope)
    prepareCreate(this.definition, draft, context)
    const faults = this.#hooks.faults && (await this.#hooks.faults(draft as KubeObject, undefined, scope))
    for (const text of checkCreate(this.definition, draft as KubeObject, context, faults)) scope.warn(text)
  }

  async #existsError(object: KubeObject, namespace: string): Promise<ApiError> {
    const { name = '', generateName } = object.metadata
    const error = generateName ? generateNameConflict(this.#on, name, 1) : alreadyExists(this.#on, name)
    const present = await this.storage.get(this.key(namespace, name))
    if (!present?.object.metadata.deletionTimestamp) return error
    return new ApiError({ ...error.status, message: `object is being deleted: ${error.status.message}` })
  }

  async update(name: string, update: Update, scope: WriteScope): Promise<{ object: StoredObject; created: boolean }> {
    const key = this.key(scope.namespace, name)
    const mayCreate = this.definition.rules.allowCreateOnUpdate === true || update.forceAllowCreate === true
    let created = false
    try {
      const object = await this.storage.guaranteedUpdate(
        key,
        { dryRun: scope.dryRun, preconditions: update.preconditions },
        async (existing) => {
          created = existing === undefined
          if (existing !== undefined) return this.#updated(existing, update, scope)
          if (!mayCreate) throw notFound(this.#on, name)
          return this.#createdByUpdate(update, scope)
        },
      )
      return { object, created }
    } catch (error) {
      if (error instanceof EmptiedFinalizers)
        return { object: await this.#deleteEmptied(key, error, scope), created: false }
      throw this.#interpret(error, name, created)
    }
  }

  async #createdByUpdate(update: Update, scope: WriteScope): Promise<UpdateResult> {
    const draft = await update.make(undefined)
    wipeSystemMetadata(draft)
    // Which version was meant is nobody's concern when there is none.
    delete draft.metadata.resourceVersion
    this.#fillSystemMetadata(draft)
    const finish = await this.#hooks.beginCreate?.(draft, scope)
    try {
      await this.#beforeCreate(draft, scope)
      await update.validateCreate(draft as KubeObject)
    } catch (error) {
      await finish?.(false)
      throw error
    }
    return { object: this.canonical(draft), ttlSeconds: this.#hooks.ttlSeconds, finish }
  }

  async #updated(existing: StoredObject, update: Update, scope: WriteScope): Promise<UpdateResult> {
    const old = existing.object
    const draft = await update.make(existing)
    const { resourceVersion } = draft.metadata
    if (!resourceVersion || resourceVersion === '0') {
      if (this.definition.rules.allowUnconditionalUpdate !== true) {
        const errors = [fieldErrors.invalid('metadata.resourceVersion', 0, 'must be specified for an update')]
        throw invalid({ group: this.#on.group, kind: this.#on.resource }, draft.metadata.name ?? '', errors)
      }
      draft.metadata.resourceVersion = old.metadata.resourceVersion
    } else if (!/^\d+$/.test(resourceVersion)) {
      throw new ApiError({
        code: 500,
        message: `strconv.ParseUint: parsing ${goQuote(resourceVersion)}: invalid syntax`,
      })
    } else if (resourceVersion !== old.metadata.resourceVersion) {
      throw staleWrite(this.#on, old.metadata.name ?? '')
    }
    const finish = await this.#hooks.beginUpdate?.(draft, old, scope)
    try {
      ensureNamespace(draft, this.definition.namespaced ? scope.namespace : '')
      const context = this.#context(scope)
      prepareUpdate(this.definition, draft, old, context)
      const faults = this.#hooks.faults && (await this.#hooks.faults(draft as KubeObject, old, scope))
      for (const text of checkUpdate(this.definition, draft as KubeObject, old, context, faults)) scope.warn(text)
      const timed = keepTimesOfNoop(draft as KubeObject, old)
      await update.validateUpdate(timed, old)
      const object = this.canonical(timed as Draft<KubeObject>)
      if (deletesOnUpdate(object, old) && (this.#hooks.deletesOnUpdate?.(object, old) ?? true)) {
        throw new EmptiedFinalizers(object)
      }
      return { object, ttlSeconds: this.#hooks.ttlSeconds, finish }
    } catch (error) {
      await finish?.(false)
      throw error
    }
  }

  async #deleteEmptied(key: string, { object }: EmptiedFinalizers, scope: WriteScope): Promise<StoredObject> {
    const { metadata } = object
    const preconditions = { uid: metadata.uid }
    try {
      const gone = await this.storage.delete(key, { dryRun: scope.dryRun, preconditions }, () => {})
      if (!scope.dryRun) await this.#hooks.afterDelete?.(gone.object)
      // A client that PUT expects the object that it put, not the last one stored.
      return gone.withObject(object)
    } catch (error) {
      throw this.#interpret(error, metadata.name ?? '', false)
    }
  }

  /** Upstream: store.go, Delete. `validate` is admission's say on the state that is deleted. */
  async delete(
    name: string,
    options: DeleteOptions,
    validate: (old: KubeObject) => Promise<void> | void,
    scope: WriteScope,
  ): Promise<DeleteResult> {
    const key = this.key(scope.namespace, name)
    const existing = await this.storage.get(key)
    if (existing === undefined) throw notFound(this.#on, name)
    try {
      const taken = await this.#hooks.beginDelete?.(this, existing, options, validate, scope)
      if (taken !== undefined) return taken
    } catch (error) {
      // Another may have taken the object away, or put another in its place, since it was read.
      throw this.#interpret(error, name, false)
    }
    const probe = jsonClone(existing.object)
    const step = beforeDelete(this.definition, probe, options, this.#clock.now())
    if (step.type === 'pending') return { result: this.#deleteAnswer(existing), deleted: false }
    const finalizers = existing.object.metadata.finalizers ?? []
    let { preconditions } = options
    if (
      step.type === 'graceful' ||
      finalizers.length > 0 ||
      garbageCollectionFinalizers(this.definition, finalizers, options) !== undefined
    ) {
      const marked = await this.#mark(key, name, options, validate, scope)
      if (!marked.deleteNow) return { result: marked.answer ?? this.#deleteAnswer(existing), deleted: false }
      if (marked.stored !== undefined) {
        if (scope.dryRun) return { result: this.#deleteAnswer(marked.stored), deleted: true }
        if (preconditions?.resourceVersion !== undefined) {
          preconditions = { ...preconditions, resourceVersion: marked.stored.object.metadata.resourceVersion }
        }
        try {
          return await this.#remove(key, preconditions, validate, scope)
        } catch (error) {
          // Whoever else deletes it meanwhile has done our work.
          if (error instanceof StorageError && error.kind === 'KeyNotFound') {
            return { result: this.#deleteAnswer(marked.stored), deleted: true }
          }
          throw this.#interpret(error, name, false)
        }
      }
    }
    try {
      return await this.#remove(key, preconditions, validate, scope)
    } catch (error) {
      throw this.#interpret(error, name, false)
    }
  }

  async #remove(
    key: string,
    preconditions: Preconditions | undefined,
    validate: (old: KubeObject) => Promise<void> | void,
    scope: WriteScope,
  ): Promise<DeleteResult> {
    const gone = await this.storage.delete(key, { dryRun: scope.dryRun, preconditions }, (old) => validate(old.object))
    if (!scope.dryRun) await this.#hooks.afterDelete?.(gone.object)
    return { result: this.#deleteAnswer(gone), deleted: true }
  }

  /** Stores deletion timestamp and finalizers (updateForGracefulDeletionAndFinalizers). */
  async #mark(
    key: string,
    name: string,
    options: DeleteOptions,
    validate: (old: KubeObject) => Promise<void> | void,
    scope: WriteScope,
  ): Promise<{ deleteNow: boolean; stored?: StoredObject; answer?: StoredObject | Status }> {
    let held = false
    let seconds = 0
    try {
      const stored = await this.storage.guaranteedUpdate(
        key,
        { dryRun: scope.dryRun, preconditions: options.preconditions },
        async (existing) => {
          if (existing === undefined) throw new StorageError('KeyNotFound', key)
          await validate(existing.object)
          const draft = jsonClone(existing.object) as Draft<KubeObject>
          const step = beforeDelete(this.definition, draft, options, this.#clock.now())
          if (step.type === 'pending') throw new DeletionOutcome('pending')
          const finalizers = draft.metadata.finalizers ?? []
          const wanted = garbageCollectionFinalizers(this.definition, finalizers, options)
          if (wanted !== undefined) draft.metadata.finalizers = wanted
          held = (wanted ?? finalizers).length > 0
          if (step.type === 'immediate') {
            if (!held) throw new DeletionOutcome('now')
            markAsDeleting(draft, this.#clock.now())
          } else seconds = step.seconds
          return { object: this.canonical(draft) }
        },
      )
      if (held || seconds > 0) return { deleteNow: false, answer: stored }
      return { deleteNow: true, stored }
    } catch (error) {
      if (error instanceof DeletionOutcome) return { deleteNow: error.outcome === 'now' }
      throw this.#interpret(error, name, false)
    }
  }

  /** Some kinds answer with the object, most with a Status that names it (finalizeDelete). */
  #deleteAnswer(object: StoredObject): StoredObject | Status {
    if (this.definition.rules.returnsDeletedObject === true) return object
    const { name, uid } = object.object.metadata
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name, group: this.#on.group || undefined, kind: this.#on.resource, uid },
    } as Status
  }

  /**
   * In Go's order and form, so that equal objects have equal bytes; shares nothing with the draft. It is as
   * upstream sees it when it reads it back, which a dry run does, too: with defaults that come only then, and with what protobuf can tell.
   */
  canonical(draft: Draft<KubeObject>): KubeObject {
    const { schema, protobuf, rules } = this.definition
    if (!protobuf) return sortMembers(draft as KubeObject)
    let object = normalize(schema, draft) as KubeObject
    if (rules.setDefaultsOnRead?.(object as Draft<KubeObject>) === true) {
      object = normalize(schema, object) as KubeObject
    }
    nullEmptied(schema, object)
    return object
  }

  /** Whether a feature of upstream's is on. */
  get enabled(): FeatureEnabled {
    return this.#features.enabled
  }

  #context(scope: WriteScope): RuleContext {
    const { user: requestUser, subresource, requested } = scope
    return { now: this.#clock.now(), requestUser, subresource, enabled: this.enabled, requested }
  }

  /** Gives a storage error the words of the API (apiserver pkg/storage/errors/storage.go). */
  #interpret(error: unknown, name: string, creating: boolean): unknown {
    if (!(error instanceof StorageError)) return error
    if (error.kind === 'KeyNotFound') return notFound(this.#on, name)
    if (creating && error.kind === 'KeyExists') return alreadyExists(this.#on, name)
    return conflict(this.#on, name, error.message)
  }
}

/** An update took the last finalizer of an object under deletion. */
class EmptiedFinalizers extends Error {
  readonly object: KubeObject
  constructor(object: KubeObject) {
    super('emptied finalizers')
    this.object = object
  }
}

class DeletionOutcome extends Error {
  readonly outcome: 'now' | 'pending'
  constructor(outcome: 'now' | 'pending') {
    super(outcome)
    this.outcome = outcome
  }
}

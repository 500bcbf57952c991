import { horizontalPodAutoscalers } from '../../api/autoscaling/v2/horizontal-pod-autoscaler.ts'
import type { ResourceRef } from '../../api/definition.ts'
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
  Pod,
  Scale,
} from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import type { Selector } from '../../machinery/labels/selector.ts'
import { quantityScaled } from '../../machinery/quantity.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'
import { isTrue, withCondition } from './conditions.ts'
import { limit } from './limits.ts'
import { MetricFailure, type MetricProposal, proposalOf, type Target } from './metric-proposal.ts'
import type { MetricsClient } from './metrics-client.ts'
import type { ScaleHistory } from './scale-history.ts'
import { parsedSelector } from './target-selector.ts'
import type { Tolerance } from './usage.ts'

export interface AutoscalerParts {
  readonly client: Client
  readonly metrics: MetricsClient
  readonly recorder: EventRecorder
  readonly resourceOf: (apiVersion: string, kind: string) => Promise<ResourceRef>
  readonly podsIn: (namespace: string, selector: Selector) => readonly Pod[]
  /** Other autoscalers whose targets have one of the pods. Remembers the selector. */
  readonly rivals: (autoscaler: HorizontalPodAutoscaler, selector: Selector, pods: readonly Pod[]) => readonly string[]
  readonly now: number
}

const defaultTolerance = 0.1

/** One look at one autoscaler; its scale and status are written when they differ (horizontal.go reconcileAutoscaler). */
export async function reconcileAutoscaler(
  parts: AutoscalerParts,
  autoscaler: HorizontalPodAutoscaler,
  history: ScaleHistory,
): Promise<void> {
  await new Round(parts, autoscaler, history).run()
}

class Round {
  readonly #parts: AutoscalerParts
  readonly #hpa: HorizontalPodAutoscaler
  readonly #history: ScaleHistory
  #status: HorizontalPodAutoscalerStatus

  constructor(parts: AutoscalerParts, autoscaler: HorizontalPodAutoscaler, history: ScaleHistory) {
    this.#parts = parts
    this.#hpa = autoscaler
    this.#history = history
    this.#status = autoscaler.status ?? { desiredReplicas: 0 }
  }

  async run(): Promise<void> {
    const { spec, metadata } = this.#hpa
    const { now } = this.#parts
    let ref: ResourceRef
    let scale: Scale
    try {
      ref = await this.#parts.resourceOf(spec.scaleTargetRef.apiVersion ?? '', spec.scaleTargetRef.kind)
      scale = await this.#readScale(ref)
    } catch (error) {
      const why = messageOf(error)
      this.#warn('FailedGetScale', why)
      this.#set(
        'AbleToScale',
        'False',
        'FailedGetScale',
        `the HPA controller was unable to get the target's current scale: ${why}`,
      )
      await this.#save()
      throw new Error(
        `failed to query scale of ${spec.scaleTargetRef.kind}/${metadata.namespace}/${spec.scaleTargetRef.name}: ${why}`,
      )
    }
    this.#set(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    )
    const current = scale.spec.replicas ?? 0
    this.#history.begin(current, now)

    const { minReplicas = 1, maxReplicas, metrics = [] } = spec
    const hasOutsideMetric = metrics.some(({ type }) => type === 'Object' || type === 'External')
    const wasScaledToZero = isTrue(this.#conditions, 'ScaledToZero')
    let desired: number
    let reason = ''
    let statuses: readonly MetricStatus[] | undefined
    let failure: Error | undefined

    if (current === 0 && !(wasScaledToZero && (minReplicas !== 0 || hasOutsideMetric))) {
      const message = 'scaling is disabled since the replica count of the target is zero'
      this.#set('ScalingActive', 'False', 'ScalingDisabled', message)
      desired = 0
    } else if (current > maxReplicas) {
      reason = 'Current number of replicas above Spec.MaxReplicas'
      desired = maxReplicas
    } else if (current > 0 && current < minReplicas) {
      reason = 'Current number of replicas below Spec.MinReplicas'
      desired = minReplicas
    } else {
      const found = await this.#proposals(scale)
      statuses = found.statuses
      failure = found.error
      if (found.best === undefined) {
        this.#tellCounts(current, this.#status.desiredReplicas, statuses, false)
        await this.#save()
        this.#warn('FailedComputeMetricsReplicas', found.error!.message)
        throw found.error!
      }
      desired = found.best.replicas
      if (desired > current) reason = `${found.best.metric} above target`
      if (desired < current) reason = 'All metrics below target'
      const limited = limit(spec.behavior, {
        history: this.#history,
        current,
        desired,
        min: minReplicas,
        max: maxReplicas,
        now,
      })
      this.#set('AbleToScale', 'True', limited.able.reason, limited.able.message)
      this.#set('ScalingLimited', limited.limited.status, limited.limited.reason, limited.limited.message)
      desired = limited.replicas
      if (current === 0 && minReplicas !== 0 && desired < minReplicas) {
        desired = minReplicas
        reason ||= 'Current number of replicas below Spec.MinReplicas'
      }
    }

    const rescales = desired !== current
    if (rescales) {
      await this.#rescale(ref, scale, desired, reason, statuses)
      const toZero = desired === 0 && minReplicas === 0 && hasOutsideMetric
      if (toZero) this.#set('ScaledToZero', 'True', 'ScaledToZero', 'the HPA controller scaled the workload to zero')
      else {
        const message = 'the HPA controller did not scale the workload to zero'
        this.#set('ScaledToZero', 'False', 'NotScaledToZero', message)
      }
    }
    this.#tellCounts(current, desired, statuses, rescales)
    await this.#save()
    if (failure !== undefined) throw failure
  }

  async #readScale(ref: ResourceRef): Promise<Scale> {
    const { namespace } = this.#hpa.metadata
    const { name } = this.#hpa.spec.scaleTargetRef
    return (await this.#parts.client.get(ref, { namespace, name }, { subresource: 'scale' })) as Scale
  }

  async #rescale(
    ref: ResourceRef,
    scale: Scale,
    desired: number,
    reason: string,
    statuses: readonly MetricStatus[] | undefined,
  ): Promise<void> {
    const current = scale.spec.replicas ?? 0
    const scales = ref as unknown as ResourceRef<Scale>
    const write = (latest: Scale) => {
      const changed = { ...latest, spec: { ...latest.spec, replicas: desired } }
      return this.#parts.client.update(scales, changed, { subresource: 'scale' })
    }
    try {
      await write(scale).catch(async (error: unknown) => {
        if (!isReason(error, 'Conflict')) throw error
        return write(await this.#readScale(ref))
      })
    } catch (error) {
      const why = messageOf(error)
      this.#warn('FailedRescale', `New size: ${desired}; reason: ${reason}; error: ${why}`)
      this.#set(
        'AbleToScale',
        'False',
        'FailedUpdateScale',
        `the HPA controller was unable to update the target scale: ${why}`,
      )
      this.#tellCounts(current, this.#status.desiredReplicas, statuses, false)
      await this.#save()
      throw error
    }
    const message = `the HPA controller was able to update the target scale to ${desired}`
    this.#set('AbleToScale', 'True', 'SucceededRescale', message)
    this.#parts.recorder.event(this.#hpa, 'Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${reason}`)
    const { behavior } = this.#hpa.spec
    if (behavior !== undefined) {
      const rules = desired > current ? behavior.scaleUp : behavior.scaleDown
      this.#history.scaled(current, desired, rules, this.#parts.now)
    }
  }

  /** The greatest of what the metrics ask for. With some of them unknown, nothing is scaled down. */
  async #proposals(scale: Scale): Promise<{
    readonly best?: Pick<MetricProposal, 'replicas' | 'metric'>
    readonly statuses?: readonly MetricStatus[]
    readonly error?: Error
  }> {
    const { metrics = [], behavior } = this.#hpa.spec
    const { now } = this.#parts
    const specReplicas = scale.spec.replicas ?? 0
    const selected = parsedSelector(scale.status.selector ?? '', this.#hpa, this.#parts)
    if ('problem' in selected) {
      const { reason, event, problem, message } = selected
      this.#warn(event, problem)
      this.#set('ScalingActive', 'False', reason, message)
      return { error: new Error(problem) }
    }
    const tolerance = (rules: { readonly tolerance?: string } | undefined) =>
      rules?.tolerance === undefined ? defaultTolerance : Number(quantityScaled(rules.tolerance, -9)) / 1e9
    const tolerances: Tolerance = { down: tolerance(behavior?.scaleDown), up: tolerance(behavior?.scaleUp) }
    const target: Target = {
      autoscaler: this.#hpa,
      specReplicas,
      statusReplicas: scale.status.replicas,
      selector: scale.status.selector ?? '',
      pods: selected.pods,
      tolerance: tolerances,
      now,
    }
    let best: MetricProposal | undefined
    let first: MetricFailure | undefined
    let failures = 0
    const statuses: MetricStatus[] = []
    for (const metric of metrics) {
      try {
        const proposal = await proposalOf(this.#parts.metrics, metric, target)
        statuses.push(proposal.status)
        if (best === undefined || best.replicas === 0 || proposal.replicas > best.replicas) best = proposal
      } catch (error) {
        if (!(error instanceof MetricFailure)) throw error
        this.#warn(error.reason, error.detail)
        // The place of a metric that is not known stays empty.
        statuses.push({ type: '' })
        first ??= error
        failures++
      }
    }
    const error =
      first &&
      new Error(`invalid metrics (${failures} invalid out of ${metrics.length}), first error is: ${first.message}`)
    if (best === undefined || (failures > 0 && best.replicas < specReplicas)) {
      if (first !== undefined) {
        const message = `the HPA was unable to compute the replica count: ${first.detail}`
        this.#set('ScalingActive', 'False', first.reason, message)
      }
      return { statuses, error: error ?? new Error('invalid metrics (0 invalid out of 0)') }
    }
    const message = `the HPA was able to successfully calculate a replica count from ${best.metric}`
    this.#set('ScalingActive', 'True', 'ValidMetricFound', message)
    return { best, statuses, error }
  }

  get #conditions() {
    return this.#status.conditions ?? []
  }
  #set(type: string, status: 'True' | 'False', reason: string, message: string): void {
    const conditions = withCondition(this.#conditions, type, status, { reason, message }, this.#parts.now)
    this.#status = { ...this.#status, conditions }
  }
  #tellCounts(
    currentReplicas: number,
    desiredReplicas: number,
    currentMetrics: readonly MetricStatus[] | undefined,
    scaledNow: boolean,
  ): void {
    this.#status = {
      ...this.#status,
      observedGeneration: this.#hpa.metadata.generation,
      currentReplicas,
      desiredReplicas,
      currentMetrics,
      lastScaleTime: scaledNow ? formatTime(this.#parts.now) : this.#status.lastScaleTime,
    }
  }
  async #save(): Promise<void> {
    if (semanticEqual(this.#status, this.#hpa.status)) return
    const told = { ...this.#hpa, status: this.#status }
    try {
      await this.#parts.client.update(horizontalPodAutoscalers, told, { subresource: 'status' })
    } catch (error) {
      this.#warn('FailedUpdateStatus', messageOf(error))
      throw error
    }
  }
  #warn(reason: string, message: string): void {
    this.#parts.recorder.event(this.#hpa, 'Warning', reason, message)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

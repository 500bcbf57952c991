import { ageColumn, column, nameColumn, timeSince } from '../../columns.ts'
import { defineOptionalKind } from '../../define-optional-kind.ts'
import { humanDuration } from '../../../machinery/human-duration.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { LifecycleV1alpha1Eviction as Eviction, ResponderStatus, TargetResponder } from '../../types.generated.ts'
import { progressCell, targetCell, targetTypeCell } from './eviction-cells.ts'
import { validateEvictionStatus } from './eviction-status-validation.ts'

const processed: readonly string[] = ['Canceled', 'Interrupted', 'Completed']

/** The responder at work, else the last one that was. */
function currentResponder({ status }: Eviction): TargetResponder | undefined {
  const responders = status?.targetResponders ?? []
  return (
    responders.findLast(({ state }) => state === 'Active') ??
    responders.findLast(({ state }) => processed.includes(state))
  )
}

function responderStatus(eviction: Eviction): ResponderStatus | undefined {
  const name = currentResponder(eviction)?.name
  return name === undefined ? undefined : eviction.status?.responders?.find((each) => each.name === name)
}

function activeCell(eviction: Eviction): string {
  const all = eviction.status?.targetResponders ?? []
  const begun = all.filter(({ state }) => state === 'Active' || processed.includes(state)).length
  return `${currentResponder(eviction)?.name ?? '<unset>'} (${begun}/${all.length})`
}

function responderCell(eviction: Eviction, now: number): string {
  const status = responderStatus(eviction)
  if (status === undefined) return '<unset>'
  const { state } = currentResponder(eviction)!
  if (state === 'Active' && status.startTime) return `Started (${timeSince(status.startTime, now)} ago)`
  if (state === 'Completed' && status.completionTime) return `${state} (${timeSince(status.completionTime, now)} ago)`
  return state
}

function finishCell(eviction: Eviction, now: number): string {
  const status = responderStatus(eviction)
  if (status === undefined) return '<unknown>'
  if (currentResponder(eviction)!.state !== 'Active') return '-'
  const { startTime, expectedCompletionTime: expected } = status
  if (!startTime || !expected) return '<unknown>'
  const ahead = Date.parse(expected) - now
  return ahead > 0 ? `in ${humanDuration(ahead)}` : `${timeSince(expected, now)} ago`
}

function requestersCell({ status }: Eviction): string {
  const all = status?.requesters ?? []
  const names = all.filter(({ intent }) => intent !== 'Withdrawn').map(({ name }) => name)
  if (names.length === 0) return all.length > 0 ? '<withdrawn>' : '<none>'
  const [first] = names.sort()
  return names.length > 1 ? `${first} + ${names.length - 1} more...` : first!
}

export const evictions = defineOptionalKind<Eviction>(
  { group: 'lifecycle.k8s.io', version: 'v1alpha1', kind: 'Eviction' },
  {
    featureGate: 'EvictionRequestAPI',
    nameRule: 'any',
    columns: [
      nameColumn,
      column('Target', 'string', ({ spec }) => targetCell(spec.target)),
      column('Target Type', 'string', ({ spec }) => targetTypeCell(spec.target)),
      column('Status', 'string', ({ status }) => progressCell(status)),
      column('Active Responder', 'string', activeCell),
      column('Responder Status', 'string', responderCell),
      column('Responder Expected Finish', 'string', finishCell),
      column('Requesters', 'string', requestersCell),
      ageColumn,
      column(
        'Responder Heartbeat',
        'string',
        (eviction, now) => {
          const beat = responderStatus(eviction)?.heartbeatTime
          return beat ? `${timeSince(beat, now)} ago` : '<unset>'
        },
        { wide: true },
      ),
      column(
        'Responder Status Message',
        'string',
        (eviction) => responderStatus(eviction)?.message?.trim() || '<unset>',
        { wide: true },
      ),
    ],
    subresources: { status: { ...statusWithoutMetadata, validateUpdate: validateEvictionStatus } },
  },
)

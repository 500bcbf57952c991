import type { SchedulerPlugin } from '../../framework/plugin.ts'

/** The order of the queue, which is always this (plugins/queuesort, queue/queued-pod.ts prioritySort). */
export const prioritySort: SchedulerPlugin = { name: 'PrioritySort', queueSort: true, events: [] }

import { allKept, type AuditSink } from '../event.ts'

/** Every backend gets every event. */
export function createUnionBackend(backends: readonly AuditSink[]): AuditSink {
  if (backends.length === 1) return backends[0]!
  return {
    process: (events) => allKept(backends.map((backend) => backend.process(events))),
    close: async () => void (await Promise.all(backends.map(async (backend) => backend.close()))),
  }
}

/** A backend that cannot keep events does not stop the requests (audit mode "blocking"). */
export function createLenientBackend(backend: AuditSink): AuditSink {
  return {
    process(events) {
      const kept = backend.process(events)
      return kept instanceof Promise ? kept.then(() => true) : true
    },
    close: () => backend.close(),
  }
}

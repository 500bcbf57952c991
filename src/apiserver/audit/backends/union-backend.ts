import type { AuditSink } from '../event.ts'

/** Every backend gets every event. */
export function createUnionBackend(backends: readonly AuditSink[]): AuditSink {
  if (backends.length === 1) return backends[0]!
  return {
    process: (events) => backends.reduce((kept, backend) => backend.process(events) && kept, true),
    close: async () => void (await Promise.all(backends.map(async (backend) => backend.close()))),
  }
}

/** A backend that cannot keep events does not stop the requests (audit mode "blocking"). */
export function createLenientBackend(backend: AuditSink): AuditSink {
  return {
    process(events) {
      backend.process(events)
      return true
    },
    close: () => backend.close(),
  }
}

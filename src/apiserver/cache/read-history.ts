import { Compacted, type Store, type StoreEvent } from '../../store/store.ts'

/** The events of the keys below `prefix` after `after`, up to `until` at least; undefined when compaction took them. */
export async function readHistory(
  store: Store,
  prefix: string,
  after: number,
  until: number,
): Promise<StoreEvent[] | undefined> {
  const history: StoreEvent[] = []
  let stop = () => {}
  try {
    await new Promise<void>((resolve, reject) => {
      stop = store.watch(prefix, after, {
        onEvents: (events, revision) => {
          history.push(...events)
          if (revision >= until) resolve()
        },
        onProgress: (revision) => {
          if (revision >= until) resolve()
        },
        onEnd: reject,
      })
      // Asking for the newest revision makes the store tell its watches how far they are.
      store.revision().catch(reject)
    })
    return history
  } catch (error) {
    if (error instanceof Compacted) return undefined
    throw error
  } finally {
    stop()
  }
}

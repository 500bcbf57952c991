/** What happens while a cluster starts or ends, for whoever shows it. */
export type ProgressEvent =
  | { readonly type: 'step'; readonly name: string }
  | { readonly type: 'done'; readonly name: string; readonly milliseconds: number; readonly detail?: string }
  | { readonly type: 'note'; readonly text: string }

export type Progress = (event: ProgressEvent) => void

/** Reports a step with the time it took; a step that fails is reported by its error alone. */
export async function step<T>(
  progress: Progress,
  name: string,
  work: () => Promise<T> | T,
  detail?: (result: T) => string | undefined,
): Promise<T> {
  const start = performance.now()
  progress({ type: 'step', name })
  const result = await work()
  progress({ type: 'done', name, milliseconds: performance.now() - start, detail: detail?.(result) })
  return result
}

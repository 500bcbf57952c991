/** The files, below `src`, that a process or a thread begins with: each is found by its name (`machinery/program-files.ts`). */
export const entries = ['cli/main.ts', 'store/sqlite/worker.ts'] as const

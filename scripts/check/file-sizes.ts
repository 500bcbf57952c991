import type { SourceFile } from './source-files.ts'

/** The hard limit of lines in one file; aim far below. */
const limit = 600

export function checkFileSizes(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const lines = file.text.split('\n').length - 1
    return lines > limit ? [`${file.path}: ${lines} lines, at most ${limit}: which two rooms live in it?`] : []
  })
}

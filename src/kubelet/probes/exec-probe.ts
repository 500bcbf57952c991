import type { Container } from '../../api/types.generated.ts'
import { expand } from '../environment/expansion.ts'
import { goDuration } from '../lifecycle/go-duration.ts'
import { isRuntimeError, type Runtime } from '../runtimes/runtime.ts'
import { failure, type ProbeOutcome, success, unknown } from './outcome.ts'

const maxOutput = 10 * 1024

/** Good when the command ends with 0. Of variables only those with plain values are expanded. */
export async function execProbe(
  runtime: Runtime,
  containerId: string,
  container: Container,
  command: readonly string[],
  timeoutSeconds: number,
): Promise<ProbeOutcome> {
  const values = new Map((container.env ?? []).map(({ name, value = '' }) => [name, value]))
  const words = command.map((word) => expand(word, (name) => values.get(name)))
  try {
    const { stdout, stderr, exitCode } = await runtime.execSync(containerId, words, timeoutSeconds)
    const output = Buffer.concat([stdout, stderr]).subarray(0, maxOutput).toString('utf8')
    return exitCode === 0 ? success(output) : failure(output)
  } catch (error) {
    if (isRuntimeError(error, 'deadlineExceeded')) {
      const line = JSON.stringify(words.join(' '))
      return failure(`command timed out: ${line} timed out after ${goDuration(timeoutSeconds * 1000)}`)
    }
    return unknown(error)
  }
}

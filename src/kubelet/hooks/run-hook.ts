import type { Container, LifecycleHandler, Pod } from '../../api/types.generated.ts'
import { sleep } from '../../machinery/clock.ts'
import type { ExecutionContext } from '../execution/context.ts'
import { podText } from '../pods/containers.ts'
import { httpGet, sendHttpGet } from './http-request.ts'

export interface HookTarget {
  readonly pod: Pod
  readonly container: Container
  readonly containerId: string
  readonly podIP: string
}

/**
 * Runs a postStart or preStop hook to its end (upstream: pkg/kubelet/lifecycle/handlers.go). Throws an error whose text
 * says which hook failed and how; any HTTP answer counts as success.
 */
export async function runHook(
  context: Pick<ExecutionContext, 'clock' | 'metrics' | 'runtime'>,
  { pod, container, containerId, podIP }: HookTarget,
  handler: LifecycleHandler,
  signal: AbortSignal,
): Promise<void> {
  const where = `for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(podText(pod))} failed - error:`
  if (handler.exec !== undefined) {
    const command = handler.exec.command ?? []
    const result = await context.runtime.execSync(containerId, command, 0).catch((error: unknown) => {
      throw new Error(`Exec lifecycle hook ([${command.join(' ')}]) ${where} ${(error as Error).message}, message: ""`)
    })
    if (result.exitCode === 0) return
    const output = Buffer.concat([result.stdout, result.stderr]).toString('utf8')
    const why = `command '${command.join(' ')}' exited with ${result.exitCode}: ${Buffer.from(result.stderr).toString('utf8')}`
    throw new Error(`Exec lifecycle hook ([${command.join(' ')}]) ${where} ${why}, message: ${JSON.stringify(output)}`)
  }
  if (handler.httpGet !== undefined) {
    const action = handler.httpGet
    try {
      await sendHttpGet(httpGet(action, container, podIP, 'lifecycle'), signal)
    } catch (error) {
      throw new Error(`HTTP lifecycle hook (${action.path ?? ''}) ${where} ${(error as Error).message}`, {
        cause: error,
      })
    }
    return
  }
  if (handler.sleep !== undefined) {
    return sleep(context.clock, handler.sleep.seconds * 1000, signal).catch((error: unknown) => {
      context.metrics?.sleepCut()
      throw error
    })
  }
  throw new Error('Cannot run handler: invalid handler')
}

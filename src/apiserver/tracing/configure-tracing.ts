import type { Clock } from '../../machinery/clock.ts'
import { aggregate } from '../../machinery/errors.ts'
import { errorText, type FieldError } from '../../machinery/field-error.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import { Tracer } from '../../machinery/tracing/tracer.ts'
import { type ConfigKind, readConfig, readText } from '../options/config-file.ts'
import { integer, object, optional, string, type ValueOf } from '../options/config-shape.ts'

const shape = object({ endpoint: optional(string), samplingRatePerMillion: optional(integer) })
type TracingConfiguration = ValueOf<typeof shape>

const kind: ConfigKind<TracingConfiguration> = {
  apiVersions: ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`),
  kind: 'TracingConfiguration',
  shape,
}
/** Of OTLP over gRPC. */
const usualEndpoint = 'localhost:4317'
const million = 1_000_000

export interface Tracing {
  readonly tracer: Tracer
  /** Sends what is left. */
  stop(): Promise<void>
}

/** Traces as --tracing-config-file says (apiserver pkg/server/options/tracing.go). Throws an Error that says what is wrong. */
export async function configureTracing(
  path: string,
  { clock, random, log }: { readonly clock: Clock; readonly random: Random; readonly log: Logger },
): Promise<Tracing> {
  const { endpoint = usualEndpoint, samplingRatePerMillion = 0 } = readConfiguration(path)
  const { OtlpExporter } = await import('../../machinery/tracing/otlp-exporter.ts')
  const resource = { 'service.name': 'apiserver', 'service.instance.id': random.uuid() }
  const exporter = new OtlpExporter({ endpoint, resource, clock, log })
  return {
    tracer: new Tracer({ samplingRatePerMillion, clock, random, ended: exporter.add }),
    stop: () => exporter.stop(),
  }
}

function readConfiguration(path: string): TracingConfiguration {
  let configuration: TracingConfiguration
  try {
    configuration = readConfig(readText(path), kind)
  } catch (error) {
    throw new Error(`failed to read tracing config: ${(error as Error).message}`, { cause: error })
  }
  const errors = faultsOf(configuration)
  if (errors.length === 0) return configuration
  throw new Error(`failed to validate tracing configuration: ${aggregate(errors.map(errorText))}`)
}

const invalidValue = (field: string, badValue: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  badValue,
  detail,
})

/** component-base tracing/api/v1/config.go ValidateTracingConfiguration */
function faultsOf({ endpoint, samplingRatePerMillion: rate = 0 }: TracingConfiguration): FieldError[] {
  const errors: FieldError[] = []
  if (rate < 0) errors.push(invalidValue('samplingRatePerMillion', rate, 'sampling rate must be positive'))
  if (rate > million)
    errors.push(
      invalidValue(
        'samplingRatePerMillion',
        rate,
        'sampling rate per million must be less than or equal to one million',
      ),
    )
  const scheme = /^([a-z-]+):\/\//i.exec(endpoint ?? '')?.[1] ?? 'dns'
  if (!['dns', 'unix', 'unix-abstract'].includes(scheme))
    errors.push(
      invalidValue(
        'endpoint',
        endpoint,
        `unsupported scheme: ${scheme}.  Options are none, dns, unix, or unix-abstract.  See https://github.com/grpc/grpc/blob/master/doc/naming.md`,
      ),
    )
  return errors
}

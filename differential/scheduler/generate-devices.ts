import type { Dice } from './dice.ts'

type Json = Readonly<Record<string, unknown>>
const apiVersion = 'resource.k8s.io/v1'
const drivers = ['gpu.example.com', 'nic.example.com']

/** Classes, and slices with devices of the nodes and of the cluster. */
export function deviceObjects(dice: Dice, nodes: readonly string[]): [string, Json][] {
  const classes = ['gpu', 'any'].map((name) => ({
    kind: 'DeviceClass',
    apiVersion,
    metadata: { name },
    spec: name === 'gpu' ? { selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }] } : {},
  }))
  const pools = [...nodes, ...(dice.chance(0.4) ? [undefined] : [])].flatMap((node) =>
    drivers.filter(() => dice.chance(0.7)).map((driver) => slice(dice, driver, node)),
  )
  return [
    ...classes.map((object) => ['/apis/resource.k8s.io/v1/deviceclasses', object] as [string, Json]),
    ...pools.map((object) => ['/apis/resource.k8s.io/v1/resourceslices', object] as [string, Json]),
  ]
}

/** `node` undefined: devices that all nodes reach. */
function slice(dice: Dice, driver: string, node: string | undefined): Json {
  const pool = node ?? 'shared'
  const devices = Array.from({ length: dice.between(0, 4) }, (_, at) => ({
    name: `d${at}`,
    attributes: { size: { int: dice.between(1, 3) }, numa: { int: dice.between(0, 1) } },
    capacity: { memory: { value: dice.of(['4Gi', '8Gi']) } },
    ...(dice.chance(0.3) && { allowMultipleAllocations: true }),
    ...(dice.chance(0.2) && { taints: [{ key: 'bad', effect: dice.of(['NoSchedule', 'NoExecute', 'None']) }] }),
  }))
  return {
    kind: 'ResourceSlice',
    apiVersion,
    metadata: { name: `${pool}-${driver}` },
    spec: {
      driver,
      pool: { name: pool, generation: 1, resourceSliceCount: dice.chance(0.95) ? 1 : 2 },
      ...(node === undefined ? { allNodes: true } : { nodeName: node }),
      ...(devices.length > 0 && { devices }),
    },
  }
}

/** The pod with a claim of its own, which is added to the objects, or with that of another. */
export function withClaim(pod: Json, at: number, dice: Dice, objects: [string, Json][]): Json {
  const { namespace } = pod['metadata'] as { readonly namespace: string }
  const path = `/apis/resource.k8s.io/v1/namespaces/${namespace}/resourceclaims`
  const others = objects.filter(([collection]) => collection === path)
  const shares = others.length > 0 && dice.chance(0.2)
  const name = shares ? (dice.of(others)[1]['metadata'] as { readonly name: string }).name : `claim-${at}`
  if (!shares && dice.chance(0.97)) objects.push([path, claim(dice, name)])
  const spec = pod['spec'] as Json
  return { ...pod, spec: { ...spec, resourceClaims: [{ name: 'devices', resourceClaimName: name }] } }
}

function claim(dice: Dice, name: string): Json {
  const expressions = [
    'device.attributes["gpu.example.com"].size >= 2',
    'device.attributes["gpu.example.com"].?size.orValue(2) >= 2',
    'device.driver.startsWith("nic")',
    'device.capacity[device.driver].memory.compareTo(quantity("8Gi")) >= 0',
  ]
  const wanted = (): Json => ({
    deviceClassName: dice.chance(0.03) ? 'none' : dice.of(['gpu', 'any', 'any']),
    ...(dice.chance(0.15) ? { allocationMode: 'All' } : { allocationMode: 'ExactCount', count: dice.of([1, 1, 1, 2]) }),
    ...(dice.chance(0.35) && { selectors: [{ cel: { expression: dice.of(expressions) } }] }),
    ...(dice.chance(0.3) && { tolerations: [{ operator: 'Exists', key: 'bad' }] }),
    ...(dice.chance(0.2) && { capacity: { requests: { memory: dice.of(['1Gi', '3Gi']) } } }),
  })
  const requests = Array.from({ length: dice.between(1, 2) }, (_, at) =>
    dice.chance(0.3)
      ? {
          name: `r${at}`,
          firstAvailable: Array.from({ length: dice.between(1, 3) }, (__, each) => ({ name: `s${each}`, ...wanted() })),
        }
      : { name: `r${at}`, exactly: wanted() },
  )
  const attribute = `${dice.of(drivers)}/${dice.of(['size', 'numa'])}`
  const constraint = { [dice.of(['matchAttribute', 'distinctAttribute'])]: attribute }
  return {
    kind: 'ResourceClaim',
    apiVersion,
    metadata: { name },
    spec: { devices: { requests, ...(dice.chance(0.25) && { constraints: [constraint] }) } },
  }
}

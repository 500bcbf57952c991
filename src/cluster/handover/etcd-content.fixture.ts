/** What lies in an etcd, read through its JSON gateway rather than through our own store. */
export async function etcdKeys(endpoint: string): Promise<string[]> {
  const range = { key: base64('/registry/'), range_end: base64('/registry0'), keys_only: true }
  const { kvs = [] } = await ask<{ kvs?: { key: string }[] }>(endpoint, 'kv/range', range)
  return kvs.map(({ key }) => Buffer.from(key, 'base64').toString())
}

export interface EtcdValue {
  readonly value: Buffer
  /** How long the key lives, when it does not live forever. */
  readonly ttlSeconds?: number
}

/** Throws when the key is not there. */
export async function etcdValue(endpoint: string, key: string): Promise<EtcdValue> {
  const { kvs = [] } = await ask<{ kvs?: { value: string; lease?: string }[] }>(endpoint, 'kv/range', {
    key: base64(key),
  })
  const found = kvs[0]
  if (found === undefined) throw new Error(`${key} is not in etcd`)
  const value = Buffer.from(found.value, 'base64')
  if (found.lease === undefined) return { value }
  const { grantedTTL } = await ask<{ grantedTTL: string }>(endpoint, 'lease/timetolive', { ID: found.lease })
  return { value, ttlSeconds: Number(grantedTTL) }
}

async function ask<Answer>(endpoint: string, path: string, body: object): Promise<Answer> {
  const answer = await fetch(`${endpoint}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })
  return (await answer.json()) as Answer
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

import { collectionPath, kindName, objectPath, type Declared } from '../objects.ts'
import type { Case } from './case.ts'

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json'
const partialList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json'

/** What a list of one kind is asked for: parameters in their good and bad combinations. */
const listQueries: readonly string[] = [
  '',
  'limit=1',
  'limit=-1',
  'limit=abc',
  'limit=0',
  'continue=nonsense',
  'continue=nonsense&resourceVersion=1',
  'limit=1&resourceVersion=0',
  'resourceVersion=0',
  'resourceVersion=abc',
  'resourceVersion=999999999',
  'resourceVersion=1&resourceVersionMatch=Exact',
  'resourceVersion=0&resourceVersionMatch=Exact',
  'resourceVersion=0&resourceVersionMatch=NotOlderThan',
  'resourceVersionMatch=NotOlderThan',
  'resourceVersionMatch=Odd&resourceVersion=5',
  'continue=abc&resourceVersionMatch=Exact&resourceVersion=5',
  'sendInitialEvents=true',
  'sendInitialEvents=true&watch=1',
  'watch=1&resourceVersionMatch=NotOlderThan',
  'watch=1&resourceVersion=abc',
  'watch=1&labelSelector=%3D%3D',
  'labelSelector=app%3Dweb',
  'labelSelector=a+in+(b',
  'labelSelector=%21app',
  'labelSelector=odd+key%21',
  'fieldSelector=metadata.name%3Drich',
  'fieldSelector=metadata.name%21%3Drich',
  'fieldSelector=metadata.namespace%3Ddiff',
  'fieldSelector=spec.unsupported%3Dx',
  'fieldSelector=metadata.name',
  'fieldSelector=metadata.name%3Da%2Cmetadata.name%3Db',
  'timeoutSeconds=abc',
  'timeoutSeconds=-1',
  'allowWatchBookmarks=maybe',
  'unknown=1',
]

/** Gets and lists of one kind in every form. `names` are its declared objects. */
export function readCases(firsts: readonly Declared[], all: readonly Declared[]): Case[] {
  return firsts
    .filter(({ facts }) => facts.verbs.includes('list'))
    .flatMap((first) => {
      const { facts } = first
      const kind = kindName(facts)
      // Cluster-wide lists would show what the servers themselves made.
      const list = collectionPath(facts)
      const mine = `labelSelector=${encodeURIComponent('!kubernetes.io/bootstrapping,!kubernetes.io/autoregister')}`
      const one = (name: string, path: string, accept?: string): Case => ({
        kind,
        name,
        run: async (send) => [await send({ method: 'GET', path, headers: accept === undefined ? {} : { accept } })],
      })
      const objects = all.filter((each) => each.facts === first.facts)
      return [
        ...listQueries
          .filter((query) => facts.namespaced || !ownsObjects.has(facts.resource) || mustFail.test(query))
          .map((query) => one(`list ?${query}`, query === '' ? list : `${list}?${query}`)),
        ...objects.map((each) => one(`get ${each.manifest.metadata.name}`, objectPath(each))),
        ...objects.map((each) => one(`get ${each.manifest.metadata.name} as a table`, objectPath(each), table)),
        one('get as a table with objects', `${objectPath(first)}?includeObject=Object`, table),
        one('get as a table with nothing', `${objectPath(first)}?includeObject=None`, table),
        one('get as a table with something odd', `${objectPath(first)}?includeObject=Odd`, table),
        one('get as partial metadata', objectPath(first), partial),
        one('get as a partial list', objectPath(first), partialList),
        one('list as partial objects', `${list}?${mine}&fieldSelector=metadata.name%3Drich`, partial),
        one('list as a partial list', `${list}?fieldSelector=metadata.name%3Drich`, partialList),
        one('list as a table', `${list}?fieldSelector=metadata.name%3Drich`, table),
        one('get as a table only, of another group', objectPath(first), 'application/json;as=Table;v=v9;g=meta.k8s.io'),
        one('get as text', objectPath(first), 'text/plain'),
        one('get as YAML', objectPath(first), 'application/yaml'),
        one('get as anything', objectPath(first), '*/*'),
        one('get with a resourceVersion', `${objectPath(first)}?resourceVersion=0`),
        one('get with a bad resourceVersion', `${objectPath(first)}?resourceVersion=abc`),
        one('get of the future', `${objectPath(first)}?resourceVersion=999999999`),
        one('get pretty', `${objectPath(first)}?pretty=true`),
      ]
    })
}

/** Kinds of which both servers make objects of their own, so that whole lists cannot agree. */
const ownsObjects: ReadonlySet<string> = new Set([
  'namespaces',
  'clusterroles',
  'clusterrolebindings',
  'apiservices',
  'priorityclasses',
  'flowschemas',
  'prioritylevelconfigurations',
  'servicecidrs',
  'ipaddresses',
  'customresourcedefinitions',
])
const mustFail = /abc|nonsense|Odd|Match|odd|%3D%3D|unsupported|\(b|name%3D|metadata.name$|999/

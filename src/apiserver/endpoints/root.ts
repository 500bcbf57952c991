import { apiVersionOf } from '../../machinery/meta/object.ts'
import type { PathHandler, PathRouter } from '../routing/path-router.ts'
import type { ResourceMap } from '../routing/resource-map.ts'

/** `/`: where one may ask (apiserver pkg/server/routes/index.go). */
export function addRoot(paths: PathRouter, resources: ResourceMap): void {
  const index: PathHandler = () => {
    const found = new Set(paths.paths().filter((path) => path !== '/' && path !== '/index.html'))
    for (const definition of resources.definitions()) {
      if (definition.group === '') found.add(`/api/${definition.version}`)
      else for (const path of [definition.group, apiVersionOf(definition)]) found.add(`/apis/${path}`)
    }
    const body = JSON.stringify({ paths: [...found].sort() }, null, 2)
    return { type: 'raw', code: 200, contentType: 'application/json', body }
  }
  paths.add('/', index)
  paths.add('/index.html', index)
}

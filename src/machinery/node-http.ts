/**
 * Node's http. To import it by its name costs 45 ms and 3 MiB: all exports of a built-in module are asked for then, and one of
 * them (WebSocket) loads a whole fetch. `npm run check` sees that nobody does.
 */
export const http = process.getBuiltinModule('node:http')

/** By itself, for it loads all kinds: commands that start nothing have no use for it. */
export { checkServerOptions } from '../apiserver/options/check-options.ts'

/** Points at which plugins are called, in the order in which upstream looks at them (framework.go getExtensionPoints). */
export const extensionPoints = [
  'preFilter',
  'filter',
  'postFilter',
  'reserve',
  'preScore',
  'score',
  'preBind',
  'bind',
  'postBind',
  'permit',
  'preEnqueue',
  'queueSort',
  'placementGenerate',
  'placementScore',
  'podGroupPostFilter',
] as const
export type ExtensionPoint = (typeof extensionPoints)[number]

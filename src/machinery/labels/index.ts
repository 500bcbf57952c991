/** Labels and label selectors: what other rooms may use. */
export { SelectorError, type Labels, type Operator, type Requirement } from './requirement.ts'
export { everything, formatLabels, nothing, selectorOf, selectorOfLabels, type Selector } from './selector.ts'
export { parseSelector } from './parse-selector.ts'
export {
  cachedSelector,
  formatLabelSelector,
  goLabelSelector,
  labelSelectorAsMap,
  labelSelectorOfText,
  selectorOfLabelSelector,
  type LabelSelector,
  type LabelSelectorRequirement,
} from './label-selector.ts'

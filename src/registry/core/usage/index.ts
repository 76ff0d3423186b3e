// What objects use of the quotas of their namespace: one place for admission and for the controller.
export { addInto, amountsText, growth, only, parseAmounts, writeAmounts, type ResourceAmounts, type WrittenAmounts } from './amounts.js';
export { countedBy, countName, evaluatorFor, isInScopes, type UsageEvaluator } from './evaluator.js';
export { podTotals } from './pods.js';
export { scopeRequirements } from './scopes.js';

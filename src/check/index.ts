export type { Budget, Limit, Metric } from './budget.ts';
export { type Contribution, evaluate, type LimitResult } from './evaluate.ts';
export { type AllowedGrowth, DEFAULT_GROWTH, evaluateGrowth, parseGrowth } from './growth.ts';
export {
  CHECK_SCHEMA,
  type CheckReport,
  checkToJson,
  failures,
  formatAnnotations,
  formatCheck,
  formatJunit,
} from './output.ts';
export { readBudgets } from './read-budgets.ts';
export { BUDGET_UNITS, type BudgetUnit, WRITTEN_MARK, writeBudgets } from './write-budgets.ts';

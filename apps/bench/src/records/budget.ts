import type { SuiteResult } from './schema.ts';
import { isTimed } from './units.ts';

/** A limit for one figure. Only for what does not depend on how busy a machine is: bytes, quality, shares. */
export interface BudgetEntry {
  suite: string;
  figure: string;
  most?: number;
  least?: number;
}

/** What breaks the budget, in sentences. A budget of times would fail by the weather, so there is none. Figures that were not measured are passed over. */
export function checkBudget(budget: readonly BudgetEntry[], results: readonly SuiteResult[]): string[] {
  const broken: string[] = [];
  for (const { suite, figure, most, least } of budget) {
    const found = results
      .find((result) => result.suite === suite)
      ?.figures.find(({ name }) => name === figure);
    if (!found) continue;
    if (isTimed(found.unit))
      throw new RangeError(
        `"${figure}" is a time or a rate (${found.unit}); the budget is for what is stable.`,
      );
    if (most !== undefined && found.value > most)
      broken.push(`${suite}: ${figure} is ${found.value} ${found.unit}, the most allowed is ${most}.`);
    if (least !== undefined && found.value < least)
      broken.push(`${suite}: ${figure} is ${found.value} ${found.unit}, the least allowed is ${least}.`);
  }
  return broken;
}

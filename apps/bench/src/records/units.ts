const TIMED = /^(?:ms|s|.*\/s)$/;

/** Whether figures of this unit are times or rates, which depend on the machine and its mood. */
export function isTimed(unit: string): boolean {
  return TIMED.test(unit);
}

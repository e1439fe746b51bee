// Reasons and effects in plain words, the same as in the command line and the report.

import words from '../../../../python/heijunka/_words.json';

const REASONS: Record<string, string> = words.reasons;

/** A reason in words, or its code where there are none. */
export function reasonOf(code: string): string {
  return REASONS[code] ?? code.replaceAll('_', ' ');
}

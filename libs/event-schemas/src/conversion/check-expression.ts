import jsonata from 'jsonata';

export const expressionLimit = 16_384;

/**
 * Functions that a conversion must not call: what they give differs from call to call, or they run code that nobody has
 * looked at.
 */
export const refusedFunctions = ['eval', 'now', 'millis', 'random', 'shuffle'];

/** What is wrong with a JSONata expression as a conversion; null where nothing is. It is not run. */
export function checkExpression(expression: string): string | null {
  if (expression.length > expressionLimit) return `is longer than ${expressionLimit} characters`;
  let tree: unknown;
  try {
    tree = jsonata(expression).ast();
  } catch (error) {
    const { message, position } = error as { message?: string; position?: number };
    return `is no JSONata: ${message ?? 'it cannot be read'} (at ${position ?? 0})`;
  }
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    const { type, value } = node as { type?: unknown; value?: unknown };
    if (type === 'variable' && refusedFunctions.includes(value as string))
      return `uses $${String(value)}, which may not be used`;
    open.push(...Object.values(node));
  }
  return null;
}

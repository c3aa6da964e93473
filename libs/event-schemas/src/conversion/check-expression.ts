import jsonata from 'jsonata';

/** The longest expression, in characters. */
export const expressionLimit = 16_384;

/** Functions that a conversion must not call: their result differs from call to call, or they run code that was not checked. */
export const refusedFunctions = ['eval', 'now', 'millis', 'random', 'shuffle'];

/**
 * Checks a JSONata expression without running it.
 * @returns why it cannot be a conversion; null if it can
 */
export function checkExpression(expression: string): string | null {
  if (expression.length > expressionLimit) return `is longer than ${expressionLimit} characters`;
  let tree: unknown;
  try {
    tree = jsonata(expression).ast();
  } catch (error) {
    const { message, position } = error as { message?: string; position?: number };
    return `is not valid JSONata: ${message ?? 'it cannot be parsed'} (at ${position ?? 0})`;
  }
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    const { type, value } = node as { type?: unknown; value?: unknown };
    if (type === 'variable' && refusedFunctions.includes(value as string))
      return `uses $${String(value)}, which is not allowed`;
    open.push(...Object.values(node));
  }
  return null;
}

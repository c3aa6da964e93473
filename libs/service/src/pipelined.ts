type Results<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * The answers to statements that were sent together, in their order. Where one fails, those behind it in its transaction fail
 * because of it: what is thrown is what the first of them failed with, when all have been answered.
 */
export async function pipelined<const T extends readonly unknown[]>(
  statements: T,
): Promise<Results<T>> {
  const answers = await Promise.allSettled(statements);
  const failed = answers.find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return answers.map((answer) => (answer as PromiseFulfilledResult<unknown>).value) as Results<T>;
}

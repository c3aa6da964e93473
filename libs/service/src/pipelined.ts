type Results<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * The results of statements that were sent without waiting for each other, in order. If a statement fails, the later ones of its
 * transaction fail too. When all have settled, the error of the first failed statement is thrown.
 */
export async function pipelined<const T extends readonly unknown[]>(
  statements: T,
): Promise<Results<T>> {
  const results = await Promise.allSettled(statements);
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as Results<T>;
}

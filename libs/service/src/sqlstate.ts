/**
 * SQLSTATE codes of PostgreSQL errors (https://www.postgresql.org/docs/current/errcodes-appendix.html), grouped by their meaning for
 * the caller.
 */
const sqlStateOf = (error: unknown): string | undefined => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

const is = (pattern: RegExp) => (error: unknown) => pattern.test(sqlStateOf(error) ?? '');

/**
 * The cause is the database and not the statement: 08 connection, 53 resources, 57P and 57014 stopped or timed out, 25P03 idle
 * too long, 40 deadlock or serialization, 55 not ready or locked. The same statement can succeed later.
 */
export const isDatabaseState = is(/^(?:08...|53...|57...|25P03|40...|55...)$/);

/** The cause is the values: 22 data exception, 23 integrity constraint. The same statement fails again. */
export const isValueError = is(/^2[23]...$/);

/** The relation exists already, or another session is creating it: 42P07 duplicate table, 23505 unique violation. */
export const isDuplicate = is(/^(?:42P07|23505)$/);

/** A row or a partition violates a check constraint: 23514. */
export const isCheckViolation = is(/^23514$/);

/** A constraint is violated: class 23. */
export const isConstraintViolation = is(/^23...$/);

/** Two transactions are in conflict, and this one was rolled back: 40001 serialization failure, 40P01 deadlock. */
export const isTransactionConflict = is(/^40(?:001|P01)$/);

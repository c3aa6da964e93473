export {
  EmbeddedPostgres,
  PostgresNotStarted,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.ts';
export { NoUnprivilegedAccount } from './account.ts';

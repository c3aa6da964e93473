import { readFileSync } from 'node:fs';

/** The account that PostgreSQL runs as. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** Accounts that a Unix system has anyway and that may own a database. */
const candidates = ['postgres', 'daemon', 'nobody'];

export class NoUnprivilegedAccount extends Error {
  readonly code = 'POSTGRES_NO_ACCOUNT';
  constructor() {
    super(
      `PostgreSQL refuses to run as root, and none of the accounts ${candidates.join(', ')} exists: start as another user`,
    );
  }
}

/**
 * Whom to run PostgreSQL as: root hands over to an account that exists already (none is created); anybody else runs it
 * as themselves (undefined).
 * @throws NoUnprivilegedAccount
 */
export function postgresAccount(
  uid = process.getuid?.(),
  passwd = () => readFileSync('/etc/passwd', 'utf8'),
): Account | undefined {
  if (uid !== 0) return undefined;
  const accounts = passwd()
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , accountUid, gid]) => ({ name, uid: Number(accountUid), gid: Number(gid) }));
  for (const candidate of candidates) {
    const found = accounts.find(({ name, uid: id }) => name === candidate && id > 0);
    if (found) return { name: candidate, uid: found.uid, gid: found.gid };
  }
  throw new NoUnprivilegedAccount();
}

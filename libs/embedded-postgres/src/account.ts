import { readFileSync } from 'node:fs';

/** The operating system account that PostgreSQL runs as. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** Standard accounts of Unix systems that may own a database. */
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
 * The account to run PostgreSQL as. PostgreSQL refuses to run as root, so root uses an unprivileged account that exists already.
 * @returns undefined for every other user: PostgreSQL runs as that user
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

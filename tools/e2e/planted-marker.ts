import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from 'pg';

/** Finds a planted text in what the platform stores and prints, whatever its case, and in the spellings of bytes. */
export class MarkerSearch {
  private readonly spellings: string[];

  /** @param marker letters and digits */
  constructor(readonly marker: string) {
    const bytes = Buffer.from(marker);
    this.spellings = [marker, bytes.toString('hex'), ...base64Parts(bytes)].map((one) =>
      one.toLowerCase(),
    );
  }

  has(text: string): boolean {
    const lower = text.toLowerCase();
    return this.spellings.some((spelling) => lower.includes(spelling));
  }

  /** Every row of the databases that has the marker, as `table: row`. All columns are searched; bytes as hexadecimal digits. */
  async inDatabases(urls: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const url of urls) {
      const client = new Client(url);
      await client.connect();
      try {
        for (const table of await tablesOf(client)) {
          const { rows } = await client.query<{ row: string }>(
            `select t::text as row from ${table} t`,
          );
          found.push(
            ...rows.filter(({ row }) => this.has(row)).map(({ row }) => `${table}: ${row}`),
          );
        }
      } finally {
        await client.end();
      }
    }
    return found;
  }

  /** Every file below a folder with the marker in its path or its bytes, by its path there. */
  inFiles(folder: string): string[] {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => this.has(path) || this.has(contentOf(path)));
  }

  /** The lines that have the marker. */
  inLines(output: string): string[] {
    return output.split('\n').filter((line) => this.has(line));
  }
}

/** What a text looks like inside Base64, at each of its three positions, without the digits that depend on its neighbours. */
const base64Parts = (bytes: Buffer): string[] =>
  [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const complete = Math.floor(((offset + bytes.length) * 8) / 6);
    return text.slice(offset === 0 ? 0 : offset + 1, complete);
  });

/** Tables of the platform, with partitions by themselves. */
async function tablesOf(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** The bytes of a file as text; empty if it was removed after it was listed. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface Resources {
  /** Program of a process -> its open file descriptors; of several processes with the same program the largest number. */
  descriptors: ReadonlyMap<string, number>;
  /** Files of received uploads, and other temporary files. */
  files: readonly string[];
}

const numbers = (folder: string) => readdirSync(folder).filter((name) => /^\d+$/.test(name));

function parentOf(pid: string): string | undefined {
  try {
    // The name, in parentheses, may contain any character.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
  } catch {
    return undefined;
  }
}

/** A process and all its descendants. */
function processesBelow(pid: number): string[] {
  const parents = numbers('/proc').map((one) => [one, parentOf(one)] as const);
  const found = [String(pid)];
  for (const one of found)
    found.push(...parents.filter(([, parent]) => parent === one).map(([child]) => child));
  return found;
}

/** Log files of the broker do not count: it keeps one open for every topic, and requests may create topics. */
function isLogOfBroker(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).includes('/kafka/');
  } catch {
    return true;
  }
}

function descriptorsOf(pid: string): [name: string, count: number] | undefined {
  try {
    const isNode = readlinkSync(`/proc/${pid}/exe`).endsWith('/node');
    if (!isNode) return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const main = command.find((part) => part.endsWith('.ts') && !part.endsWith('starter.ts'));
    return [
      /apps\/([\w-]+)\/|\/(launcher)\.ts$/
        .exec(main ?? '')
        ?.slice(1)
        .find(Boolean) ?? (main === undefined ? 'a sandboxed process' : 'starter'),
      numbers(`/proc/${pid}/fd`).filter((fd) => !isLogOfBroker(`/proc/${pid}/fd/${fd}`)).length,
    ];
  } catch {
    return undefined;
  }
}

const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

/** The resources that the platform uses now; only its Node processes are counted. */
export function resourcesOf(pid: number, directory: string): Resources {
  const descriptors = new Map<string, number>();
  for (const one of processesBelow(pid)) {
    const found = descriptorsOf(one);
    if (found) descriptors.set(found[0], Math.max(descriptors.get(found[0]) ?? 0, found[1]));
  }
  const files = ['incoming', 'tmp'].flatMap((folder) => filesBelow(join(directory, folder)));
  return { descriptors, files: files.filter((file) => !isOwnedByProcess(file, files)) };
}

/** A process that reads documents has two folders while it runs: for its sandboxed processes, and for its recognizers. */
const foldersOfProcess = 2;
const ownedFolder = /^(.*\/casewire-n\d+-p(\d+)-t\d+-)[A-Za-z0-9]{6}\//;

/** Whether a temporary file belongs to a running process, which creates it on first use and keeps it. */
function isOwnedByProcess(file: string, all: readonly string[]): boolean {
  const [folder, owner = '', pid] = ownedFolder.exec(file) ?? [];
  if (folder === undefined || !existsSync(`/proc/${pid}`)) return false;
  const folders = all.flatMap((one) => (one.startsWith(owner) ? [ownedFolder.exec(one)![0]] : []));
  return new Set(folders).size <= foldersOfProcess;
}

/** Tolerated difference: connections of a pool are opened and closed. */
const tolerance = 12;

/** The files and descriptors that exist after the run, and did not exist before it. */
export function leftBehind(before: Resources, after: Resources): string[] {
  const files = after.files.filter((file) => !before.files.includes(file));
  const processes = [...after.descriptors].flatMap(([name, count]) => {
    const was = before.descriptors.get(name) ?? 0;
    return count > was + tolerance
      ? [`${name} has ${count} descriptors; before it had ${was}`]
      : [];
  });
  return [...files.map((file) => `the file ${file}`), ...processes];
}

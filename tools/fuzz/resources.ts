import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface Resources {
  /** Open file descriptors, by what a process runs; of several that run the same, those of the one with the most. */
  descriptors: ReadonlyMap<string, number>;
  /** Files of uploads that came in, and other temporary ones. */
  files: readonly string[];
}

const numbers = (folder: string) => readdirSync(folder).filter((name) => /^\d+$/.test(name));

function parentOf(pid: string): string | undefined {
  try {
    // The name, in parentheses, may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
  } catch {
    return undefined;
  }
}

/** A process and all that come from it. */
function processesBelow(pid: number): string[] {
  const parents = numbers('/proc').map((one) => [one, parentOf(one)] as const);
  const found = [String(pid)];
  for (const one of found)
    found.push(...parents.filter(([, parent]) => parent === one).map(([child]) => child));
  return found;
}

/** The broker keeps the log of every topic open, and requests may make topics. */
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
        .find(Boolean) ?? (main === undefined ? 'a contained child' : 'starter'),
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

/** What the platform holds at this moment; of its processes those of Node, by what they run. */
export function resourcesOf(pid: number, directory: string): Resources {
  const descriptors = new Map<string, number>();
  for (const one of processesBelow(pid)) {
    const found = descriptorsOf(one);
    if (found) descriptors.set(found[0], Math.max(descriptors.get(found[0]) ?? 0, found[1]));
  }
  const files = ['incoming', 'tmp'].flatMap((folder) => filesBelow(join(directory, folder)));
  return { descriptors, files: files.filter((file) => !isKeptByProcess(file, files)) };
}

/** A process that reads documents has two folders while it lives: for its children, and for its recognizers. */
const foldersOfProcess = 2;
const ownedFolder = /^(.*\/casewire-n\d+-p(\d+)-t\d+-)[A-Za-z0-9]{6}\//;

/** Whether a temporary file is one of those that a living process keeps, and makes when it first needs them. */
function isKeptByProcess(file: string, all: readonly string[]): boolean {
  const [folder, owner = '', pid] = ownedFolder.exec(file) ?? [];
  if (folder === undefined || !existsSync(`/proc/${pid}`)) return false;
  const folders = all.flatMap((one) => (one.startsWith(owner) ? [ownedFolder.exec(one)![0]] : []));
  return new Set(folders).size <= foldersOfProcess;
}

/** Connections of a pool that come and go. */
const slack = 12;

/** What is left behind that was not there before. */
export function leftBehind(before: Resources, after: Resources): string[] {
  const files = after.files.filter((file) => !before.files.includes(file));
  const processes = [...after.descriptors].flatMap(([name, count]) => {
    const was = before.descriptors.get(name) ?? 0;
    return count > was + slack ? [`${name} holds ${count} descriptors; before it was ${was}`] : [];
  });
  return [...files.map((file) => `the file ${file}`), ...processes];
}

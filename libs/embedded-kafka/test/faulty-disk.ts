import { localDisk, type Disk, type DiskFile } from '../src/log/disk.ts';

type Fault = {
  readonly on: 'write' | 'datasync' | 'read';
  readonly code: string;
  writesFirst: number;
};

/** The file system of this machine, with faults that a test injects, and with counters. */
export class FaultyDisk implements Disk {
  datasyncs = 0;
  bytesRead = 0;
  private readonly open = new Set<DiskFile>();
  private faults: Fault[] = [];
  private gate: PromiseWithResolvers<void> | undefined;
  private arrival: PromiseWithResolvers<void> | undefined;

  readText = (path: string) => localDisk.readText(path);
  replaceText = (path: string, text: string) => localDisk.replaceText(path, text);
  makeFolder = (path: string) => localDisk.makeFolder(path);
  list = (path: string) => localDisk.list(path);
  remove = (path: string) => localDisk.remove(path);

  async openForAppend(path: string): Promise<DiskFile> {
    return this.wrap(await localDisk.openForAppend(path));
  }

  async openForRead(path: string): Promise<DiskFile> {
    return this.wrap(await localDisk.openForRead(path));
  }

  /** Closes all open files, as the end of a process does. */
  async abandon(): Promise<void> {
    await Promise.all([...this.open].map((file) => file.close()));
  }

  /** The next operation of this kind fails. A failing write first writes `writesFirst` bytes. */
  fail(on: Fault['on'], code: string, writesFirst = 0): void {
    this.faults.push({ on, code, writesFirst });
  }

  /** Pauses every flush from now on. `reached` resolves when the first one waits. */
  pauseFlushes(): { reached: Promise<void>; release: () => void } {
    const gate = Promise.withResolvers<void>();
    const arrival = Promise.withResolvers<void>();
    this.gate = gate;
    this.arrival = arrival;
    const release = () => {
      this.gate = undefined;
      gate.resolve();
    };
    return { reached: arrival.promise, release };
  }

  private wrap(file: DiskFile): DiskFile {
    this.open.add(file);
    return {
      size: () => file.size(),
      truncate: (size) => file.truncate(size),
      close: () => {
        this.open.delete(file);
        return file.close();
      },
      read: async (into, position) => {
        this.throwIfFaulty('read');
        this.bytesRead += into.length;
        return file.read(into, position);
      },
      write: async (parts, position) => {
        const fault = this.nextFault('write');
        if (!fault) return file.write(parts, position);
        const torn = Buffer.concat(parts).subarray(0, fault.writesFirst);
        if (torn.length > 0) await file.write([torn], position);
        throw systemError(fault.code, 'write');
      },
      datasync: async () => {
        this.arrival?.resolve();
        await this.gate?.promise;
        this.throwIfFaulty('datasync');
        this.datasyncs++;
        await file.datasync();
      },
    };
  }

  private nextFault(on: Fault['on']): Fault | undefined {
    const fault = this.faults.find((each) => each.on === on);
    this.faults = this.faults.filter((each) => each !== fault);
    return fault;
  }

  private throwIfFaulty(on: Fault['on']): void {
    const fault = this.nextFault(on);
    if (fault) throw systemError(fault.code, on);
  }
}

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}

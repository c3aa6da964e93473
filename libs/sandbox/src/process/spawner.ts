import type { LaunchedChild } from './launched-child.ts';
import type { ChildKind, LauncherSettings } from './launcher-messages.ts';
import { LauncherProcess } from './launcher-process.ts';

/** Starts children by way of a launcher, and a launcher where there is none or the last one died. */
export class Spawner {
  private readonly settings: LauncherSettings;
  private launcher: LauncherProcess | undefined;

  constructor(settings: LauncherSettings) {
    this.settings = settings;
  }

  /** Of the launcher that runs. */
  get pid(): number | undefined {
    return this.launcher?.alive ? this.launcher.pid : undefined;
  }

  start(
    kind: ChildKind,
    document: string | null = null,
  ): { child: LaunchedChild; launcher: LauncherProcess } {
    if (!this.launcher?.alive) this.launcher = new LauncherProcess(this.settings);
    return { child: this.launcher.start(kind, document), launcher: this.launcher };
  }

  /** Ends the launcher after its last child. Another start begins anew. */
  stop(): void {
    this.launcher?.endAfterChildren();
    this.launcher = undefined;
  }
}

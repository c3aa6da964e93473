import type { LaunchedProcess } from './launched-process.ts';
import type { ParserKind, LauncherSettings } from './launcher-messages.ts';
import { LauncherProcess } from './launcher-process.ts';

/** Starts sandboxed processes by a launcher, and a new launcher where the last one has ended. */
export class Spawner {
  private readonly settings: LauncherSettings;
  private launcher: LauncherProcess | undefined;

  constructor(settings: LauncherSettings) {
    this.settings = settings;
  }

  /** Process id of the running launcher. */
  get pid(): number | undefined {
    return this.launcher?.alive ? this.launcher.pid : undefined;
  }

  start(
    kind: ParserKind,
    document: string | null = null,
  ): { started: LaunchedProcess; launcher: LauncherProcess } {
    if (!this.launcher?.alive) this.launcher = new LauncherProcess(this.settings);
    return { started: this.launcher.start(kind, document), launcher: this.launcher };
  }

  /** Ends the launcher after its last process. Another start starts a new launcher. */
  stop(): void {
    this.launcher?.endWhenIdle();
    this.launcher = undefined;
  }
}

/** pdf: no native code. image: with sharp. */
export type ChildKind = 'pdf' | 'image';

/** What every child of a launcher has in common. */
export interface LauncherSettings {
  /** Put in front of the command: kernel bounds. */
  prefix: readonly string[];
  /** Folders and files that children may read. */
  readable: readonly string[];
  /** Folders of the code that children run. */
  sources: readonly string[];
}

/** From the parent. A token names one child, and is what its connection has to show. */
export type ToLauncher =
  | { type: 'prepare'; settings: LauncherSettings; folder: string; socket: string }
  | { type: 'start'; token: string; kind: ChildKind; document: string | null }
  | { type: 'kill'; token: string };

/** From the launcher. */
export type FromLauncher =
  | { type: 'started'; token: string; pid: number }
  | { type: 'failed'; token: string; code: string; message: string }
  | { type: 'ended'; token: string; complaints: string; signal: string | null };

/** Of a token, in hexadecimal digits. */
export const tokenLength = 32;

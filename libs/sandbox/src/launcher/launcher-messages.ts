/** What a sandboxed process parses. pdf, archive: without native code. image: with sharp, a native add-on. */
export type ParserKind = 'pdf' | 'image' | 'archive';

/** Settings of all sandboxed processes of a launcher. */
export interface LauncherSettings {
  /** Put in front of the command: limits of the kernel. */
  prefix: readonly string[];
  /** Folders and files that the processes may read. */
  readable: readonly string[];
  /** Folders of the code that the processes run. */
  sources: readonly string[];
}

/** From the parent. A token identifies one process; its connection begins with it. */
export type ToLauncher =
  | { type: 'prepare'; settings: LauncherSettings; folder: string; socket: string }
  | { type: 'start'; token: string; kind: ParserKind; document: string | null }
  | { type: 'kill'; token: string };

/** From the launcher. */
export type FromLauncher =
  | { type: 'started'; token: string; pid: number }
  | { type: 'failed'; token: string; code: string; message: string }
  | { type: 'ended'; token: string; stderr: string; signal: string | null };

/** Length of a token in hexadecimal digits. */
export const tokenLength = 32;

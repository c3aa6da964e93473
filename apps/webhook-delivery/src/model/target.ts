import type { Dispatcher as HttpDispatcher } from 'undici';

/** How a destination is called, at the time of the attempt. */
export interface Target {
  url: string;
  /** Signing secrets, the newest first. */
  secrets: readonly Uint8Array[];
  token: string | null;
  /** The endpoint's custom headers. */
  headers: Readonly<Record<string, string>>;
  /** Connects only to addresses that the organization may use. */
  http: HttpDispatcher;
}

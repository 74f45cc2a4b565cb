import type { EngineSettings } from "./share_on.ts";

/** A text that an engine has. */
export interface EngineEntry {
  readonly name: string;
  readonly text: string;
}

/** An engine whose server a scene breaks, and whose entries it reads and replaces. */
export interface SceneEngine extends AsyncDisposable {
  /** How a machine reaches it. */
  readonly settings: EngineSettings;
  /** The password of the fleet's user. */
  readonly password: string;
  /** Makes it as it was at first: running, empty, with a user who has the password. */
  reset(): Promise<void>;
  entries(): Promise<readonly EngineEntry[]>;
  put(entry: EngineEntry): Promise<void>;
  /** Removes all entries, as `FLUSHALL` and `TRUNCATE` do. */
  clear(): Promise<void>;
  /** Stops the server in its tracks: connections stay open, and nothing is answered. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Kills the server. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, empty. */
  start(): Promise<void>;
  /** Closes the connections of the fleet's user. */
  cut(): Promise<void>;
  /** Gives the fleet's user another password, and closes its connections. */
  rotate(password: string): Promise<void>;
}

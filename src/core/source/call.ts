import type { Ambient, LogEvent } from "../chain/host.ts";

/** What one call of the resolver passes along. */
export interface Call {
  /** Keeps the request alive until a flight that it started has landed (a Worker's `ctx.waitUntil`). */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** Receives what tells listeners and the log, which is run once the call's outermost walk is over. */
  readonly notices?: (() => void)[];
  /** Whether nothing of it is logged. */
  readonly unlogged?: boolean;
}

/** Logs an event once the call's outermost walk is over. */
export function logLater({ notices, unlogged }: Call, { log }: Ambient, event: LogEvent): void {
  if (log && !unlogged) notices?.push(() => log(event));
}

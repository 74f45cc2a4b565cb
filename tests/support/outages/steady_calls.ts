/** What became of one call: the status of the service, or the code of the credential's error. */
export interface Call {
  /** When it began, in milliseconds since the first one. */
  readonly at: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** `"ok"`, an HTTP status, or an error code of the package, such as `"unavailable"`. */
  readonly result: string;
}

/** From here on, a refusal says nothing about the credential that was sent. */
const LATE_MS = 500;
/** How often a call is sent whose refusals are late. */
const MAX_TRIES = 3;

/** Sends a request, and returns its status. */
export type Send = () => Promise<number>;

/**
 * Calls a service at a steady rate, whether or not earlier calls were answered, until something has happened.
 *
 * @param send Sends one request.
 * @param everyMs The time between the beginnings of two calls.
 * @param until What ends the calls; those that have begun are awaited.
 * @returns The calls, in the order in which they began.
 */
export async function callSteadily(send: Send, everyMs: number, until: Promise<unknown>): Promise<readonly Call[]> {
  const start = performance.now();
  const calls: Promise<Call>[] = [];
  let isOver = false;
  const end = until.finally(() => isOver = true);
  while (!isOver) {
    calls.push(call(send, performance.now() - start));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  await end;
  return await Promise.all(calls);
}

async function call(send: Send, at: number): Promise<Call> {
  const start = performance.now();
  for (let tries = 1;; tries++) {
    const sentAt = performance.now();
    const result = await send().then(
      (status) => status < 300 ? "ok" : `HTTP ${status}`,
      (error: { readonly code?: string; readonly name: string }) => error.code ?? error.name,
    );
    // Hint: a credential that was good may have expired on its way, if the machine stood still.
    const isLate = /^HTTP 40[13]$/.test(result) && performance.now() - sentAt > LATE_MS;
    if (!isLate || tries === MAX_TRIES) return { at, ms: performance.now() - start, result };
  }
}

/** What the callers of one service saw. */
export interface Seen {
  /** How many calls there were. */
  readonly calls: number;
  /** How many of them were answered as they should be. */
  readonly ok: number;
  /** How many ended otherwise, by what the caller saw. */
  readonly failed: Readonly<Record<string, number>>;
  /** The longest time that a call took, in milliseconds. */
  readonly slowestMs: number;
  /** From the beginning of the first call that failed to that of the last one, in milliseconds. */
  readonly failingMs: number;
  /** When the last call that failed had its answer, in milliseconds since the first call; 0 if none failed. */
  readonly lastFailureMs: number;
}

/** Sums up what callers saw. */
export function seen(calls: readonly Call[]): Seen {
  const failures = calls.filter(({ result }) => result !== "ok");
  const failed: Record<string, number> = {};
  for (const { result } of failures) failed[result] = (failed[result] ?? 0) + 1;
  const [first, last] = [failures[0], failures.at(-1)];
  return {
    calls: calls.length,
    ok: calls.length - failures.length,
    failed,
    slowestMs: Math.max(...calls.map(({ ms }) => ms)),
    failingMs: first && last ? last.at - first.at : 0,
    lastFailureMs: Math.max(0, ...failures.map(({ at, ms }) => at + ms)),
  };
}

/** Formats what was seen as the row of a Markdown table. */
export function row(happening: string, service: string, { calls, ok, failed, slowestMs, failingMs }: Seen): string {
  const others = Object.entries(failed).map(([result, count]) => `${count} ${result}`).join(", ") || "none";
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  return `| ${happening} | ${service} | ${calls} | ${ok} | ${others} | ${seconds(failingMs)} | ${seconds(slowestMs)} |`;
}

/** The head of that table. */
export const HEAD = `| what happened | calls of | calls | answered | others | failing for | slowest |
| --- | --- | --- | --- | --- | --- | --- |`;

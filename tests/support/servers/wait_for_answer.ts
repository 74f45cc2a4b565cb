import type { Daemon } from "./daemon.ts";

/**
 * Waits until a server answers with success.
 *
 * @param name The name of the server, for the message.
 * @param url What to request.
 * @param daemon The program that serves it.
 * @param timeoutMs How long that may take.
 * @param headers The headers of the request.
 * @throws {Error} If the program ends, or it takes longer.
 */
export async function waitForAnswer(
  name: string,
  url: string,
  daemon: Daemon,
  timeoutMs: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await fetch(url, { headers }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (daemon.ended !== undefined) throw new Error(`Cannot start ${name}: ${daemon.ended}`);
    if (Date.now() > deadline) throw new Error(`Cannot start ${name} in time`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * What must hold on every runtime: Deno, Bun, Node, workerd and the Vercel edge runtime. A check uses what all of them
 * have, and neither an API of one of them nor a file.
 *
 * @module
 */
import { expectEqual } from "./expect.ts";

/** The checks, by what a user would lose. */
export const checks: Record<string, () => void | Promise<void>> = {
  "a runtime has what the package is built on: URL, AbortController and timers": async () => {
    expectEqual(new URL("https://localhost/a?b#c").pathname, "/a");
    const controller = new AbortController();
    const aborted = new Promise<unknown>((resolve) =>
      controller.signal.addEventListener("abort", () => resolve(controller.signal.reason))
    );
    setTimeout(() => controller.abort("late"), 1);
    expectEqual(await aborted, "late");
  },
};

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createResolver, defineChain, env, mounted, required } from "../../../../mod.ts";
import { testClock } from "../../../../src/testing/mod.ts";
import { expectEqual } from "../expect.ts";
import type { Checks } from "../table.ts";
import { inDirectory } from "./directory.ts";

/** Starts a writer that empties a file, and waits there for `go` before it writes. */
async function startStopped(path: string, text: string): Promise<{ readonly go: () => Promise<unknown> }> {
  const script = ': > "$1"; echo; read -r _; printf %s "$2" > "$1"';
  const writer = spawn("sh", ["-c", script, "sh", path, text], { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve) => writer.stdout!.once("data", resolve));
  const ended = new Promise((resolve) => writer.on("close", resolve));
  return { go: () => (writer.stdin!.end("\n"), ended) };
}

function mountedAboveSeed(directory: string, sync: boolean) {
  const clock = testClock();
  const chain = defineChain({
    stores: { own: mounted({ priority: 200, directory, sync }), env: env({ priority: 100 }) },
    credentials: {
      "db:basic": { fields: { password: required() }, from: { own: { prefix: "" }, env: { prefix: "DB_" } } },
    },
  });
  const resolver = createResolver(chain, { env: { DB_PASSWORD: "seed" }, clock });
  const resolve = async () => {
    let pending = true;
    const resolving = resolver.resolve("db:basic").finally(() => pending = false);
    // Hint: files that are read asynchronously take real time.
    while (pending) {
      await clock.advance(50);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const credential = await resolving;
    return [credential.source, credential.get("password"), credential.degraded];
  };
  return { clock, resolve };
}

/** Files that are emptied before they are written. */
export const emptiedChecks: Checks = {
  "a value whose writer is stopped after it emptied the file is used until it goes on": inDirectory(
    async (directory) => {
      for (const sync of [true, false]) {
        const path = `${directory}/password`;
        writeFileSync(path, "v1");
        const { clock, resolve } = mountedAboveSeed(directory, sync);
        expectEqual(await resolve(), ["own", "v1", false]);
        const { go } = await startStopped(path, "v2");
        for (let count = 0; count < 5; count++) {
          await clock.advance(10_000);
          expectEqual(await resolve(), ["own", "v1", true]);
        }
        await go();
        await clock.advance(10_000);
        expectEqual(await resolve(), ["own", "v2", false]);
      }
    },
  ),
};

/**
 * What the tests of bootstrap run in processes of its own, on Deno, Bun and Node: a writer, a minter, a reader.
 *
 * @module
 */
import { appendFileSync } from "node:fs";
import process from "node:process";
import type { CredentialError } from "../../../mod.ts";
import { ensure, persist } from "../../../src/bootstrap/mod.ts";
import { belongTogether, principalOf, principalResolver, sharedResolver } from "./principal_chain.ts";

const [command = "", directory = "", ...rest] = process.argv.slice(2);
const resolver = principalResolver(directory);

const CHANGES = /^(mkdir|open|write|writeFile|chmod|fsync|close|link|rename|unlink)Sync$/;

/** Ends this process after so many operations that may change a file, at once and without a farewell. */
function dieAfter(operations: number): void {
  const fs = process.getBuiltinModule("node:fs") as unknown as Record<string, unknown>;
  let left = operations;
  for (const [name, operation] of Object.entries(fs)) {
    if (typeof operation !== "function" || !CHANGES.test(name)) continue;
    fs[name] = (...args: unknown[]) => {
      const answer = operation.apply(fs, args);
      if (--left === 0) process.kill(process.pid, "SIGKILL");
      return answer;
    };
  }
}

function say(word: unknown): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

const commands: Record<string, () => Promise<void>> = {
  /** `persist DIRECTORY ROTATION [OPERATIONS]` */
  async persist() {
    if (rest[1]) dieAfter(Number(rest[1]));
    await persist(resolver, "polaris:oauth", principalOf(rest[0]!));
    say("written");
  },
  /** `try DIRECTORY` says how a write fails. */
  async try() {
    try {
      await persist(resolver, "polaris:oauth", principalOf("new"));
      say("written");
    } catch (error) {
      const { code, message } = error as CredentialError;
      say({ code, message });
    }
  },
  /** `share DIRECTORY NAME TIMES` writes its own credential again and again into a document that others write to. */
  async share() {
    const [name, times] = rest;
    const shared = sharedResolver(directory);
    for (let time = 1; time <= Number(times); time++) {
      await persist(shared, `${name}:key` as "a:key", { key: `${time}` });
    }
    say("written");
  },
  /** `rotate DIRECTORY` writes until it is killed. */
  async rotate() {
    say("rotating");
    for (let rotation = 1;; rotation++) await persist(resolver, "polaris:oauth", principalOf(rotation));
  },
  /** `ensure DIRECTORY NAME MILLISECONDS`: what it mints has its name, takes its time, and is counted in a file. */
  async ensure() {
    const [name, time] = rest;
    const orphans: unknown[] = [];
    const credential = await ensure(resolver, "polaris:oauth", async () => {
      appendFileSync(`${directory}/minted`, `${name}\n`);
      say("minting");
      await new Promise((resolve) => setTimeout(resolve, Number(time)));
      return principalOf(name!);
    }, { onOrphan: ({ client_id }) => void orphans.push(client_id) });
    say({ id: credential.get("client_id"), secret: credential.get("client_secret"), orphans });
  },
  /** `read DIRECTORY READERS ROTATION`: reads with many resolvers, round after round, until it sees the rotation. */
  async read() {
    const [readers, last] = rest.map(Number);
    const resolvers = Array.from({ length: readers! }, () => principalResolver(directory));
    const found = { reads: 0, torn: 0, ids: new Set<string>() };
    while (!found.ids.has(`id-${last}`)) {
      say("round");
      for (const each of resolvers) {
        each.invalidate("polaris:oauth");
        const credential = await each.resolve("polaris:oauth");
        const [id, secret] = [credential.get("client_id"), credential.get("client_secret")];
        found.reads++;
        found.ids.add(id);
        if (!belongTogether(id, secret)) found.torn++;
      }
    }
    say({ reads: found.reads, torn: found.torn, rotations: found.ids.size });
  },
};

await commands[command]!();

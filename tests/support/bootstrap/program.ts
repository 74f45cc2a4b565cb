/**
 * The program that the tests of bootstrap run in other processes, on Deno, Bun and Node: as writer, minter or reader.
 *
 * @module
 */
import { appendFileSync } from "node:fs";
import process from "node:process";
import type { CredentialError } from "../../../mod.ts";
import { ensure, persist } from "../../../src/bootstrap/mod.ts";
import { belongTogether, principalOf, principalResolver, sharedResolver } from "./principal_chain.ts";
import { kvPrincipalResolver } from "./principal_in_kv.ts";

const [command = "", directory = "", ...rest] = process.argv.slice(2);
const resolver = principalResolver(directory);

const CHANGING = /^(mkdir|open|write|writeFile|chmod|fsync|close|link|rename|unlink)Sync$/;

/** Kills this process after a number of operations that may change a file. */
function killAfter(operations: number): void {
  const fs = process.getBuiltinModule("node:fs") as unknown as Record<string, unknown>;
  let left = operations;
  for (const [name, operation] of Object.entries(fs)) {
    if (typeof operation !== "function" || !CHANGING.test(name)) continue;
    fs[name] = (...args: unknown[]) => {
      const answer = operation.apply(fs, args);
      if (--left === 0) process.kill(process.pid, "SIGKILL");
      return answer;
    };
  }
}

function print(word: unknown): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

const commands: Record<string, () => Promise<void>> = {
  /** `persist DIRECTORY ROTATION [OPERATIONS]` */
  async persist() {
    if (rest[1]) killAfter(Number(rest[1]));
    await persist(resolver, "polaris:oauth", principalOf(rest[0]!));
    print("written");
  },
  /** `try DIRECTORY` prints how a write fails. */
  async try() {
    try {
      await persist(resolver, "polaris:oauth", principalOf("new"));
      print("written");
    } catch (error) {
      const { code, message } = error as CredentialError;
      print({ code, message });
    }
  },
  /** `share DIRECTORY NAME TIMES` writes its own credential repeatedly to a document that others write to. */
  async share() {
    const [name, times] = rest;
    const shared = sharedResolver(directory);
    for (let time = 1; time <= Number(times); time++) {
      await persist(shared, `${name}:key` as "a:key", { key: `${time}` });
    }
    print("written");
  },
  /** `rotate DIRECTORY` writes until it is killed, and says each rotation that is written. */
  async rotate() {
    for (let rotation = 1;; rotation++) {
      await persist(resolver, "polaris:oauth", principalOf(rotation));
      print(rotation);
    }
  },
  /**
   * `ensure DIRECTORY NAME MILLISECONDS [block]`: mints a principal with that name, which takes that long, and records it in
   * a file; it may block the thread meanwhile, as a program that is waited for does.
   */
  async ensure() {
    const [name, time, block] = rest;
    const orphans: unknown[] = [];
    const credential = await ensure(resolver, "polaris:oauth", async () => {
      appendFileSync(`${directory}/minted`, `${name}\n`);
      print("minting");
      if (block) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(time));
      else await new Promise((resolve) => setTimeout(resolve, Number(time)));
      return principalOf(name!);
    }, { onOrphan: ({ client_id }) => void orphans.push(client_id) });
    print({ id: credential.get("client_id"), secret: credential.get("client_secret"), orphans });
  },
  /** `claim URL TOKEN PATH NAME MILLISECONDS`: mints a principal with that name into a server, which takes that long. */
  async claim() {
    const [token, path, name, time] = rest;
    const orphans: unknown[] = [];
    const credential = await ensure(kvPrincipalResolver(directory, token!, path!), "polaris:oauth", async () => {
      print("minting");
      await new Promise((resolve) => setTimeout(resolve, Number(time)));
      return principalOf(name!);
    }, { onOrphan: ({ client_id }) => void orphans.push(client_id) });
    print({ id: credential.get("client_id"), secret: credential.get("client_secret"), orphans });
  },
  /** `read DIRECTORY READERS ROTATION`: reads with many resolvers, round after round, until it sees the rotation. */
  async read() {
    const [readers, last] = rest.map(Number);
    const resolvers = Array.from({ length: readers! }, () => principalResolver(directory));
    const found = { reads: 0, mixed: 0, ids: new Set<string>() };
    while (!found.ids.has(`id-${last}`)) {
      print("round");
      for (const each of resolvers) {
        each.invalidate("polaris:oauth");
        const credential = await each.resolve("polaris:oauth");
        const [id, secret] = [credential.get("client_id"), credential.get("client_secret")];
        found.reads++;
        found.ids.add(id);
        if (!belongTogether(id, secret)) found.mixed++;
      }
    }
    print({ reads: found.reads, mixed: found.mixed, rotations: found.ids.size });
  },
};

await commands[command]!();

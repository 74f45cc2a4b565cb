import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createResolver, defineChain, file, optional, required } from "../../../../mod.ts";
import { ensure, persist } from "../../../../src/bootstrap/mod.ts";
import { expect, expectEqual } from "../expect.ts";
import { makeSecret } from "../secrets.ts";
import type { Checks } from "../table.ts";
import { inDirectory } from "./directory.ts";

function makeResolver(directory: string) {
  return createResolver(defineChain({
    stores: { file: file({ priority: 1, directory, mode: 0o640 }) },
    credentials: { "db:basic": { fields: { user: required(), note: optional() }, from: { file: "db.json" } } },
  }));
}

/** What is written to files. */
export const writtenChecks: Checks = {
  "persist() leaves everything in a document to the character that is not the credential's": inDirectory(
    async (directory) => {
      const user = makeSecret();
      const path = `${directory}/db.json`;
      const around = (value: string) =>
        `\uFEFF{ "big": 9007199254740993, "twice":1e999, "twice": -0.0,\r\n "user": ${value}, "\\u0061": "\\/\u00e9" }\r\n`;
      writeFileSync(path, around('"old"'));
      await persist(makeResolver(directory), "db:basic", { user });
      expect(readFileSync(path, "utf8") === around(JSON.stringify(user)), "Expected one value to have changed");
      expectEqual(statSync(path).mode & 0o777, 0o640);
      expectEqual((await makeResolver(directory).resolve("db:basic")).get("user") === user, true);
    },
  ),
  "ensure() mints once, and a mint may block its thread": inDirectory(async (directory) => {
    let minted = 0;
    const mint = () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      return { user: `minted-${++minted}` };
    };
    const asked = [1, 2, 3].map(() => ensure(makeResolver(directory), "db:basic", mint));
    const users = (await Promise.all(asked)).map((credential) => credential.get("user"));
    expectEqual([minted, ...users].join(), "1,minted-1,minted-1,minted-1");
  }),
};

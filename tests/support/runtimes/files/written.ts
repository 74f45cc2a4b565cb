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

const DEEP = "[".repeat(30_000) + "]".repeat(30_000);
/** How long a refusal of that may take, in milliseconds; Bun takes several times as long to write it. */
const MAX_REFUSAL_MS = 2_000;

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
  "persist() and ensure() refuse a document that is nested deep, quickly, and mint nothing": inDirectory(
    async (directory) => {
      const path = `${directory}/db.json`;
      let minted = 0;
      for (const [at, text] of [`{"user":"old","x":${DEEP}}`, `{"user":${DEEP}}`, `{"x":${DEEP}}`].entries()) {
        writeFileSync(path, text);
        const written = persist(makeResolver(directory), "db:basic", { user: makeSecret() });
        const ensured = ensure(makeResolver(directory), "db:basic", () => ({ user: `minted-${++minted}` }));
        const began = performance.now();
        const codes = await Promise.all([written, ensured].map((each) => each.then(() => "done", ({ code }) => code)));
        expectEqual(codes.join(), at === 0 ? "invalid,done" : `invalid,${at === 1 ? "invalid" : "incomplete"}`);
        expect(performance.now() - began < MAX_REFUSAL_MS, `Expected document ${at} within ${MAX_REFUSAL_MS} ms`);
        expect(readFileSync(path, "utf8") === text, "Expected the document as it was");
      }
      expectEqual(minted, 0);
    },
  ),
  "a plain text is written as it is, and read as it was written": inDirectory(async (directory) => {
    const makeTexts = (sync: boolean) =>
      createResolver(defineChain({
        stores: { file: file({ priority: 1, directory, sync }) },
        credentials: {
          "api:key": {
            fields: { token: required() },
            from: { file: { document: "token.txt", text: true, fields: { token: "" } } },
          },
        },
      }));
    for (const token of [makeSecret(), `${makeSecret()}\r\n`, `{"token":"${makeSecret()}"}`]) {
      await persist(makeTexts(true), "api:key", { token });
      for (const sync of [true, false]) {
        expect((await makeTexts(sync).resolve("api:key")).get("token") === token, "Expected the text as it was");
      }
    }
    const token = makeSecret();
    writeFileSync(`${directory}/token.txt`, `\uFEFF${token}\n`);
    expect((await makeTexts(true).resolve("api:key")).get("token") === token, "Expected no mark and no line break");
  }),
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

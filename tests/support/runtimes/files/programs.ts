import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { createResolver, defineChain, optional, required } from "../../../../mod.ts";
import { credentialProcess, exec, execCredential, type ExecOptions } from "../../../../src/stores/exec/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSecret } from "../secrets.ts";
import { showError } from "../subject.ts";
import type { Checks } from "../table.ts";
import { inDirectory } from "./directory.ts";

const PATH = "/usr/bin:/bin";

/** How long something of another process is waited for. */
const LIMIT_MS = 10_000;

function writeProgram(directory: string, script: string): string {
  const path = `${directory}/program`;
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  return path;
}

function textResolver(command: ExecOptions["command"], env: Record<string, string> = { PATH }, timeout = LIMIT_MS) {
  const chain = defineChain({
    stores: { op: exec({ priority: 100, command, timeout }) },
    credentials: {
      "api:token": {
        fields: { token: required() },
        from: { op: { document: "a b", text: true, fields: { token: "" } } },
      },
    },
  });
  return createResolver(chain, { env });
}

async function becomes(isSo: () => boolean, what: string): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!isSo()) {
    expect(Date.now() < end, `Expected ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until the processes whose ids are in a file do not run any more. */
async function allGone(path: string): Promise<void> {
  const ids = readFileSync(path, "utf8").trim().split(/\s+/).map(Number);
  await becomes(() => !ids.some(isRunning), "every process of the program to be gone");
}

function isRunning(id: number): boolean {
  try {
    // Hint: the signal 0 also finds one that ended but has not been waited for.
    process.kill(id, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${id}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Programs on the runtimes that have them. */
export const programChecks: Checks = {
  "a program gives a text, JSON, AWS keys and a Kubernetes token, in its own environment": inDirectory(
    async (directory) => {
      const secret = makeSecret();
      const program = writeProgram(
        directory,
        `[ "$HOME" = /home/app ] || exit 4\n[ -z "$OTHER" ] || exit 5\nif read answer; then exit 6; fi\n` +
          `case $1 in\n` +
          `keys) echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"'$SECRET'"}';;\n` +
          `plugin) echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'$SECRET'"}}';;\n` +
          `text) echo "$SECRET $2";;\n*) echo '{"token":"'$SECRET'"}';;\nesac`,
      );
      const environment = ["SECRET"];
      const chain = defineChain({
        stores: {
          text: exec({ priority: 4, command: [program, "text", "{}"], environment }),
          json: exec({ priority: 3, command: [program, "json"], environment }),
          keys: credentialProcess({ priority: 2, command: [program, "keys"], environment }),
          plugin: execCredential({ priority: 1, command: [program, "plugin"], environment }),
        },
        credentials: {
          "by:text": {
            fields: { token: required() },
            from: { text: { document: "a b", text: true, fields: { token: "" } } },
          },
          "by:json": { fields: { token: required() }, from: { json: "token" } },
          "by:keys": { fields: { secret_key: required(), session_token: optional() }, from: { keys: true } },
          "by:plugin": { fields: { token: required() }, from: { plugin: true } },
        },
      });
      const env = { PATH, HOME: "/home/app", SECRET: secret, OTHER: "1" };
      const resolver = createResolver(chain, { env });
      const [text, json, keys, plugin] = await Promise.all([
        resolver.resolve("by:text"),
        resolver.resolve("by:json"),
        resolver.resolve("by:keys"),
        resolver.resolve("by:plugin"),
      ]);
      expect(text.get("token") === `${secret} a b`, "Expected the text with the document");
      expect(json.get("token") === secret, "Expected the member");
      expect(keys.get("secret_key") === secret, "Expected the key");
      expect(plugin.get("token") === secret, "Expected the token");
    },
  ),

  "a program that ignores signals is killed at its timeout with what it started, and nobody waits longer": inDirectory(
    async (directory) => {
      const program = writeProgram(
        directory,
        `trap '' TERM INT HUP\nsleep 60 & echo $$ $! > ${directory}/ids\necho half\nwait\nsleep 60`,
      );
      const began = Date.now();
      const error = await expectFailure(() => textResolver([program], { PATH }, 1_000).resolve("api:token"));
      expectEqual(showError(error), "CredentialError unavailable: op unavailable");
      expect(Date.now() - began < 6_000, "Expected the end within its time");
      await allGone(`${directory}/ids`);
    },
  ),

  "a process that keeps the pipe of a program that has ended delays its answer by little, and is killed": inDirectory(
    async (directory) => {
      const program = writeProgram(directory, `sleep 60 & echo $! > ${directory}/ids\necho not-a-token`);
      const began = Date.now();
      const credential = await textResolver([program], { PATH }, 30_000).resolve("api:token");
      expectEqual(credential.get("token"), "not-a-token");
      expect(Date.now() - began < 6_000, "Expected the answer without waiting for the pipe");
      await allGone(`${directory}/ids`);
    },
  ),

  "1 MiB of a program's output is read whole, and one that prints more is killed": inDirectory(async (directory) => {
    const fits = writeProgram(directory, "head -c 1048576 /dev/zero | tr '\\0' x");
    const credential = await textResolver([fits]).resolve("api:token");
    expectEqual(credential.get("token").length, 1_048_576);
    const more = writeProgram(
      directory,
      `echo $$ > ${directory}/ids\nhead -c 50000000 /dev/zero | tr '\\0' x\nsleep 60`,
    );
    const error = await expectFailure(() => textResolver([more]).resolve("api:token")) as Error;
    expectEqual(showError(error), "CredentialError invalid: op invalid");
    await allGone(`${directory}/ids`);
  }),

  "why a program gave nothing is told, without its output, its standard error or the runtime's message": inDirectory(
    async (directory) => {
      const secret = makeSecret();
      const text = `${directory}/text`;
      writeFileSync(text, "");
      const program = (script: string) => [writeProgram(directory, `echo ${secret} >&2\n${script}`)] as const;
      const cases: readonly (readonly [string, () => ExecOptions["command"]])[] = [
        [
          "unavailable: PROGRAM ended with the status 3: run it by hand to see why",
          () => program(`echo ${secret}; exit 3`),
        ],
        ["unavailable: PROGRAM was ended by a signal: run it by hand to see why", () => program("kill -9 $$")],
        ["invalid: PROGRAM printed output that is not valid UTF-8 text", () => program(`printf '${secret}\\377'`)],
        ["invalid: PROGRAM printed nothing", () => program("true")],
        ["invalid: nowhere is not in PATH: install it, or write its absolute path", () => ["nowhere", secret]],
        ["invalid: /nowhere does not exist, or names an interpreter that does not", () => ["/nowhere", secret]],
        [`denied: ${text} cannot be run: check that it is executable`, () => [text, secret]],
        ["invalid: echo cannot be run with its arguments (E2BIG)", () => ["echo", "x".repeat(1 << 20)]],
      ];
      for (const [message, command] of cases) {
        const [name, ...args] = command();
        const error = await expectFailure(() => textResolver([name, ...args]).resolve("api:token")) as Error;
        const told = error.message.replaceAll(`${directory}/program`, "PROGRAM");
        expect(told.endsWith(`"op" is ${message}`), `Expected "${message}" at the end of "${told}"`);
      }
    },
  ),

  "a program is found in absolute entries of PATH alone, never in the working directory": inDirectory(
    async (directory) => {
      const before = process.cwd();
      writeProgram(directory, `touch ${directory}/ran\necho not-a-token`);
      process.chdir(directory);
      try {
        for (const path of ["", ":", ".", "/usr/bin:", ":/usr/bin", "/usr/bin::/bin", "./:usr/bin"]) {
          const error = await expectFailure(() => textResolver(["program"], { PATH: path }).resolve("api:token"));
          expectEqual(showError(error), "CredentialError invalid: op invalid");
        }
        expect(!existsSync(`${directory}/ran`), "Expected the program of the working directory not to run");
        const found = await textResolver(["program"], { PATH: `:/nowhere:${directory}` }).resolve("api:token");
        expectEqual(found.get("token"), "not-a-token");
      } finally {
        process.chdir(before);
      }
    },
  ),

  "a program that runs ends when its resolver is disposed of": inDirectory(async (directory) => {
    const program = writeProgram(directory, `sleep 60 & echo $$ $! > ${directory}/ids\nwait`);
    const resolver = textResolver([program]);
    const failure = expectFailure(() => resolver.resolve("api:token"));
    const isWritten = () => existsSync(`${directory}/ids`) && readFileSync(`${directory}/ids`, "utf8").endsWith("\n");
    await becomes(isWritten, "the program to run");
    await resolver[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
    await failure;
    await allGone(`${directory}/ids`);
  }),
};

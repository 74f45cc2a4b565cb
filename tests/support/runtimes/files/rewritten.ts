import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import {
  type Clock,
  createResolver,
  defineChain,
  env,
  file,
  type Files,
  mounted,
  required,
  runtimeFiles,
} from "../../../../mod.ts";
import type { AnyChain } from "../../../../src/core/chain/chain.ts";
import type { Resolver } from "../../../../src/core/engine/resolver.ts";
import { ambient } from "../../../../src/core/runtime/ambient.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { showError } from "../subject.ts";
import type { Checks } from "../table.ts";
import { inDirectory } from "./directory.ts";

/** How a writer replaces what a store reads, as shell: `put N DIRECTORY` writes version N. */
const WRITERS = {
  "renames a new file over it": "mkdir -p .new; put $n .new; for f in $files; do mv -f .new/$f $f; done",
  "rewrites it in place": "put $n .; sleep 0.02",
  "removes it and writes it anew": "rm -f $files; put $n .; sleep 0.02",
  "moves the link to its directory, and removes the old directory":
    "mkdir v$n; put $n v$n; ln -s v$n .link; mv -T .link current; rm -rf v$((n - 1))",
  "updates a Kubernetes volume":
    "mkdir ..v$n; put $n ..v$n; ln -s ..v$n ..tmp; mv -T ..tmp ..data; rm -rf ..v$((n - 1)); " +
    "for f in $files; do [ -L $f ] || ln -s ..data/$f $f; done",
} as const;

/** What a store reads: its files, and how a version of them is written. */
const CONTENTS = {
  file: ["db.json", `printf '{"user":"v%s","password":"v%s"}' $1 $1 > $2/db.json`],
  mounted: ["user password", "printf v%s $1 > $2/user; printf v%s $1 > $2/password"],
  "mounted with one value": ["password", "printf v%s $1 > $2/password"],
} as const;

type Writer = keyof typeof WRITERS;
type Contents = keyof typeof CONTENTS;

const CYCLES = 60;
const RESOLVES = 1_000;

/** Writes the first version; what it returns starts the writer of the others. */
function makeWriter(directory: string, writer: Writer, contents: Contents): () => ChildProcess {
  const [files, put] = CONTENTS[contents];
  const script = `set -e; cd "$1"; files="${files}"; put() { ${put}; }; n=$2; last=$3
    while [ $n -le $last ]; do ${WRITERS[writer]}; n=$((n + 1)); done`;
  const run = (from: number, to: number) => ["-c", script, "sh", directory, `${from}`, `${to}`];
  execFileSync("sh", run(1, 1));
  return () => spawn("sh", run(2, CYCLES), { stdio: "inherit" });
}

function resolverOf(place: string, contents: Contents, sync: boolean, clock: Clock): Resolver {
  const options = { priority: 200, directory: place, recheck: 0, sync };
  const chain = {
    stores: { own: contents === "file" ? file(options) : mounted(options), env: env({ priority: 100 }) },
    credentials: {
      "db:basic": {
        fields: contents === "mounted with one value" ? { password: required() } : PAIR,
        from: { own: contents === "file" ? "db.json" : { prefix: "" }, env: { prefix: "DB_" } },
      },
    },
  };
  return createResolver(chain as AnyChain, { env: { DB_USER: "seed", DB_PASSWORD: "seed" }, clock });
}

const PATIENCE_MS = 10_000;

/** A clock whose timers wait until the files are there and not empty: on a busy machine their writer may be stopped before. */
function patientClock(paths: readonly string[]): Clock {
  const isWhole = () => paths.every((path) => statSync(path, { throwIfNoEntry: false })?.size);
  return {
    now: () => Date.now(),
    after: (ms, run) => {
      const end = Date.now() + ms + PATIENCE_MS;
      const runIfWhole = () => {
        if (isWhole() || Date.now() > end) run();
        else timer = setTimeout(runIfWhole, 1);
      };
      let timer = setTimeout(runIfWhole, ms);
      return () => clearTimeout(timer);
    },
  };
}

const PAIR = { user: required(), password: required() };

/** Resolves a thousand times while another process writes; expects no mixture, no seed and no error. */
async function expectWhole(directory: string, writer: Writer, contents: Contents, sync: boolean): Promise<void> {
  const place = writer.startsWith("moves the link") ? `${directory}/current` : directory;
  const paths = CONTENTS[contents][0].split(" ").map((name) => `${place}/${name}`);
  const resolver = resolverOf(place, contents, sync, patientClock(/rewrites|removes it/.test(writer) ? paths : []));
  const start = makeWriter(directory, writer, contents);
  await resolver.resolve("db:basic");
  const process = start();
  let code: number | null | undefined;
  const ended = new Promise<void>((resolve) =>
    process.on("close", (exit) => {
      code = exit;
      resolve();
    })
  );
  const versions = new Set<unknown>();
  for (let count = 0; count < RESOLVES || code === undefined; count++) {
    const credential = await resolver.resolve("db:basic");
    const values = credential.fields.map((name) => String(credential.get(name as never)));
    expectEqual(credential.source, "own");
    expect(/^v\d+$/.test(values[0]!) && values.every((value) => value === values[0]), "Expected one whole version");
    versions.add(values[0]);
    if (count % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await ended;
  expectEqual(code, 0);
  expect(versions.size > 3, "Expected several versions");
}

function rewriteChecks(): Checks {
  const cases: readonly (readonly [Writer, Contents])[] = (Object.keys(WRITERS) as Writer[]).flatMap((writer) => [
    [writer, "file"] as const,
    [writer, /link|volume/.test(writer) ? "mounted" : "mounted with one value"] as const,
  ]);
  return Object.fromEntries(cases.map(([writer, contents], at) => [
    `no resolve fails, mixes two versions or gives the seed while another process ${writer}: ${contents}`,
    inDirectory((directory) => expectWhole(directory, writer, contents, at % 4 < 2)),
  ]));
}

/** The runtime's files, and something that is done between the look at a path and its opening. */
function interrupted(between: () => void): Files {
  const own = runtimeFiles(ambient()).files!;
  return {
    ...own,
    text: (path, seen) => {
      between();
      return own.text(path, seen);
    },
  };
}

function fileAboveSeed(directory: string, files?: Files, document = "db.json") {
  const chain = defineChain({
    stores: { file: file({ priority: 1, directory, recheck: 0 }) },
    credentials: {
      "db:basic": { fields: { user: required() }, from: { file: { document, fields: { user: "user" } } } },
    },
  });
  return createResolver(chain, files ? { files } : {});
}

const OUTSIDE = JSON.stringify({ user: "outside" });
const INSIDE = JSON.stringify({ user: "inside" });

/** Files that are replaced while they are read. */
export const rewrittenChecks: Checks = {
  ...rewriteChecks(),

  "a link out of the directory that takes a file's place after the look is not read": inDirectory(async (directory) => {
    writeFileSync(`${directory}/secret.json`, OUTSIDE);
    mkdirSync(`${directory}/state`);
    const path = `${directory}/state/db.json`;
    writeFileSync(path, INSIDE);
    const files = interrupted(() => {
      symlinkSync(`${directory}/secret.json`, `${path}.link`);
      renameSync(`${path}.link`, path);
    });
    const error = await expectFailure(() => fileAboveSeed(`${directory}/state`, files).resolve("db:basic"));
    expectEqual(showError(error), "CredentialError invalid: file invalid");
  }),

  "a folder that a link out of the directory replaces after the look is not read": inDirectory(async (directory) => {
    mkdirSync(`${directory}/outside`);
    writeFileSync(`${directory}/outside/db.json`, OUTSIDE);
    mkdirSync(`${directory}/state/sub`, { recursive: true });
    writeFileSync(`${directory}/state/sub/db.json`, INSIDE);
    let swapped = false;
    const files = interrupted(() => {
      if (swapped) return;
      swapped = true;
      renameSync(`${directory}/state/sub`, `${directory}/state/old`);
      symlinkSync(`${directory}/outside`, `${directory}/state/sub`);
    });
    const failing = () => fileAboveSeed(`${directory}/state`, files, "sub/db.json").resolve("db:basic");
    expectEqual(showError(await expectFailure(failing)), "CredentialError invalid: file invalid");
  }),

  "thousands of reads give nothing from outside while a file and a link out of the directory take turns": inDirectory(
    async (directory) => {
      writeFileSync(`${directory}/secret.json`, OUTSIDE);
      mkdirSync(`${directory}/state`);
      writeFileSync(`${directory}/state/db.json`, INSIDE);
      const script = `set -e; cd "$1"; n=0; while [ $n -lt 150 ]; do n=$((n + 1))
        ln -s ../secret.json .link; mv -T .link db.json; printf %s '${INSIDE}' > .file; mv -T .file db.json; done`;
      const writer = spawn("sh", ["-c", script, "sh", `${directory}/state`], { stdio: "inherit" });
      let ended = false;
      const closed = new Promise<void>((resolve) => writer.on("close", () => resolve(void (ended = true))));
      const own = runtimeFiles(ambient());
      const resolver = fileAboveSeed(`${directory}/state`, own.files);
      let inside = 0;
      for (let count = 0; count < 3_000 || !ended; count++) {
        const credential = await resolver.resolve("db:basic").catch(() => undefined);
        expect(credential?.get("user") !== "outside", "Expected nothing from outside the directory");
        if (credential) inside++;
        if (count % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      }
      await closed;
      expect(inside > 100, "Expected the file inside to be read");
    },
  ),

  "a FIFO that takes a file's place after the look does not freeze the process": inDirectory(async (directory) => {
    // Hint: Deno has no way to open a file without blocking.
    if ("Deno" in globalThis) return;
    const path = `${directory}/db.json`;
    writeFileSync(path, INSIDE);
    let rescue: ChildProcess | undefined;
    const files = interrupted(() => {
      if (rescue) return;
      rmSync(path);
      execFileSync("mkfifo", [path]);
      rescue = spawn("sh", ["-c", 'sleep 10; echo "{}" > "$1"', "sh", path], { detached: true });
    });
    const since = Date.now();
    const error = await expectFailure(() => fileAboveSeed(directory, files).resolve("db:basic"));
    const took = Date.now() - since;
    process.kill(-rescue!.pid!);
    expectEqual(showError(error), "CredentialError invalid: file invalid");
    expect(took < 5_000, "Expected an answer without waiting for the FIFO's writer");
  }),
};

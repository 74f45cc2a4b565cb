import { execFileSync } from "node:child_process";
import fs, { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createResolver, denied, env, file, type Files, mounted, required, runtimeFiles } from "../../../../mod.ts";
import type { AnyChain } from "../../../../src/core/chain/chain.ts";
import type { Store } from "../../../../src/core/chain/store.ts";
import { ambient } from "../../../../src/core/runtime/ambient.ts";
import { dotenv } from "../../../../src/stores/dotenv/dotenv.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { showError } from "../subject.ts";
import type { Checks } from "../table.ts";
import { inDirectory } from "./directory.ts";

type Members = Record<string, (...args: unknown[]) => unknown>;

/** The operations of the runtime's file system that a read may use: where they are, and their names. */
function operations(): readonly (readonly [Members, readonly string[]])[] {
  const { Deno } = globalThis as unknown as { Deno?: Members & { FsFile: { prototype: Members } } };
  return Deno
    ? [[Deno, ["lstatSync", "realPathSync", "openSync"]], [Deno.FsFile.prototype, ["statSync", "readSync"]]]
    : [
      [fs as unknown as Members, ["lstatSync", "openSync", "fstatSync", "readSync"]],
      [fs.realpathSync as unknown as Members, ["native"]],
    ];
}

/** Runs something, and tells of each operation of the file system before it. */
async function watched(run: () => Promise<unknown>, before: (operation: string) => void): Promise<void> {
  const own = operations().flatMap(([target, names]) => names.map((name) => [target, name, target[name]!] as const));
  for (const [target, name, operation] of own) {
    target[name] = function (this: unknown, ...args) {
      before(name);
      return operation.apply(this, args);
    };
  }
  try {
    await run();
  } finally {
    for (const [target, name, operation] of own) target[name] = operation;
  }
}

const FIELDS = { user: required(), password: required() };
const NAMES = { user: "user", password: "password" };

/** A store of one kind that reads in a directory, and its mapping. */
type MakeStore = (directory: string) => readonly [Store, unknown];

const fileStore = (document = "db.json"): MakeStore => (directory) => [file({ priority: 2, directory }), document];
const mountedStore: MakeStore = (directory) => [mounted({ priority: 2, directory }), { fields: NAMES }];
const dotenvStore: MakeStore = (directory) => [dotenv({ priority: 2, path: `${directory}/.env` }), { fields: NAMES }];
const envStore: MakeStore = () => [env({ priority: 2, files: true }), { prefix: "OWN_" }];

function resolverOf(directory: string, make: MakeStore, files?: Files) {
  const [own, from] = make(directory);
  const chain = {
    stores: { own, seed: env({ priority: 1 }) },
    credentials: { "db:basic": { fields: FIELDS, from: { own: from, seed: { prefix: "SEED_" } } } },
  };
  const paths = { OWN_USER_FILE: `${directory}/user`, OWN_PASSWORD_FILE: `${directory}/password` };
  const variables = { SEED_USER: "seed", SEED_PASSWORD: "seed", ...paths };
  return createResolver(chain as unknown as AnyChain, { env: variables, ...(files && { files }) });
}

/** Writes a version of all files into a directory. */
function put(directory: string, version: string): void {
  mkdirSync(directory, { recursive: true });
  const values = { user: version, password: version };
  writeFileSync(`${directory}/db.json`, JSON.stringify(values));
  writeFileSync(`${directory}/.env`, `user=${version}\npassword=${version}\n`);
  for (const [name, value] of Object.entries(values)) writeFileSync(`${directory}/${name}`, value);
}

function link(path: string, to: string): void {
  symlinkSync(to, `${path}.new`);
  renameSync(`${path}.new`, path);
}

/** How what a store reads is replaced: `make` returns where it is read, and `swap` replaces it. */
interface Swap {
  readonly make: (base: string) => string;
  readonly swap: (base: string) => void;
}

const CURRENT: Swap = {
  make: (base) => {
    put(`${base}/v1`, "v1");
    link(`${base}/current`, "v1");
    return `${base}/current`;
  },
  swap: (base) => {
    put(`${base}/v2`, "v2");
    link(`${base}/current`, "v2");
    rmSync(`${base}/v1`, { recursive: true });
  },
};

const VOLUME: Swap = {
  make: (base) => {
    put(`${base}/..v1`, "v1");
    link(`${base}/..data`, "..v1");
    for (const name of ["user", "password", "db.json", ".env"]) link(`${base}/${name}`, `..data/${name}`);
    return base;
  },
  swap: (base) => {
    put(`${base}/..v2`, "v2");
    link(`${base}/..data`, "..v2");
    rmSync(`${base}/..v1`, { recursive: true });
  },
};

const RENAMED: Swap = {
  make: (base) => {
    put(base, "v1");
    return base;
  },
  swap: (base) => {
    put(`${base}/new`, "v2");
    renameSync(`${base}/new/db.json`, `${base}/db.json`);
  },
};

/** Something is put in the place of the document, or of the folder that it is in, which must not be read. */
function replacedBy(put: (base: string, path: string) => void): Swap {
  return {
    make: (base) => {
      RENAMED.make(`${base}/state/sub`);
      RENAMED.make(`${base}/state`);
      RENAMED.make(`${base}/outside`);
      writeFileSync(`${base}/outside/db.json`, JSON.stringify({ user: "outside", password: "outside" }));
      return `${base}/state`;
    },
    swap: (base) => put(base, `${base}/state`),
  };
}

const LINK_OUT = replacedBy((base, state) => link(`${state}/db.json`, `${base}/outside/db.json`));
const FOLDER_OUT = replacedBy((base, state) => {
  renameSync(`${state}/sub`, `${state}/old`);
  link(`${state}/sub`, `${base}/outside`);
});
const FIFO = replacedBy((_, state) => {
  rmSync(`${state}/db.json`);
  execFileSync("mkfifo", [`${state}/db.json`]);
});

/** Resolves once for each operation of a read, and replaces the files just before that one. */
async function swapAtEach(base: string, make: MakeStore, { make: write, swap }: Swap): Promise<readonly string[]> {
  const results: string[] = [];
  for (let at = 1, swapped = true; swapped; at++) {
    const own = `${base}/${at}`;
    mkdirSync(own);
    const resolver = resolverOf(write(own), make);
    let count = 0;
    swapped = false;
    await watched(async () => {
      const credential = await resolver.resolve("db:basic").catch(({ code }) => String(code));
      if (typeof credential === "string") return results.push(credential);
      results.push(["user", "password"].map((name) => String(credential.get(name as never))).join());
    }, () => {
      if (++count !== at) return;
      swapped = true;
      swap(own);
    });
  }
  return results;
}

function swapCheck(make: MakeStore, swap: Swap, allowed: readonly string[]) {
  return inDirectory(async (base) => {
    const results = await swapAtEach(base, make, swap);
    expect(results.length > 3, `Expected several operations, found ${results}`);
    for (const result of results) expect(allowed.includes(result), `Expected ${allowed.join(" or ")}, found ${result}`);
  });
}

const WHOLE = ["v1,v1", "v2,v2"];
const INSIDE = ["v1,v1", "invalid"];

/** Returns the operations of a read by a store that has read before. */
async function operationsOf(directory: string, make: MakeStore): Promise<readonly string[]> {
  const resolver = resolverOf(directory, make);
  let seen: string[] = [];
  await watched(async () => {
    await resolver.resolve("db:basic");
    resolver.invalidate("db:basic");
    seen = [];
    await resolver.resolve("db:basic");
  }, (operation) => void seen.push(operation));
  return seen;
}

/** Files that are replaced just before an operation of a read, at each one in turn. */
export const swappedChecks: Checks = {
  "a document is whole when a link to its directory moves at any time": swapCheck(fileStore(), CURRENT, WHOLE),
  "a document is whole when it is replaced at any time": swapCheck(fileStore(), RENAMED, WHOLE),
  "a document in a volume is whole when that is updated at any time": swapCheck(fileStore(), VOLUME, WHOLE),
  "mounted values are of one version when a link to them moves at any time": swapCheck(mountedStore, CURRENT, WHOLE),
  "mounted values are of one version when their volume is updated at any time": swapCheck(mountedStore, VOLUME, WHOLE),
  "a dotenv file is whole when a link to its directory moves at any time": swapCheck(dotenvStore, CURRENT, WHOLE),
  "values of NAME_FILE are of one version when a link to them moves at any time": swapCheck(envStore, CURRENT, WHOLE),
  "values of NAME_FILE are of one version when their volume is updated at any time": swapCheck(envStore, VOLUME, WHOLE),
  "a link out of the directory that takes a document's place at any time is not read": //
    swapCheck(fileStore(), LINK_OUT, INSIDE),
  "a link out of the directory that takes a folder's place at any time is not read": //
    swapCheck(fileStore("sub/db.json"), FOLDER_OUT, INSIDE),

  "a FIFO that takes a document's place at any time is not waited for": async () => {
    // Hint: Deno has no way to open a file without blocking.
    if (!("Deno" in globalThis)) await swapCheck(fileStore(), FIFO, INSIDE)();
  },

  "a link out of the directory is not read by a host that wraps the runtime's way to read a text": inDirectory(
    async (base) => {
      const directory = LINK_OUT.make(base);
      LINK_OUT.swap(base);
      const own = runtimeFiles(ambient()).files!;
      const resolver = resolverOf(directory, fileStore(), { ...own, text: (path) => own.text(path) });
      expectEqual(
        showError(await expectFailure(() => resolver.resolve("db:basic"))),
        "CredentialError invalid: own invalid",
      );
    },
  ),

  "a document is not read that a host hides by its own look at paths": inDirectory(async (base) => {
    const own = runtimeFiles(ambient()).files!;
    const resolver = resolverOf(RENAMED.make(base), fileStore(), { ...own, info: () => denied("hidden") });
    expectEqual(
      showError(await expectFailure(() => resolver.resolve("db:basic"))),
      "CredentialError denied: own denied",
    );
  }),

  "a document that is a regular file costs no operation that nothing needs": inDirectory(async (base) => {
    expectEqual(
      await operationsOf(RENAMED.make(base), fileStore()),
      "Deno" in globalThis ? ["lstatSync", "openSync", "statSync", "readSync"] : ["openSync", "fstatSync", "readSync"],
    );
  }),
};

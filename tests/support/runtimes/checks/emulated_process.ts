import { createResolver, defineChain, env, file, mounted, required } from "../../../../mod.ts";
import { dotenv } from "../../../../src/stores/dotenv/dotenv.ts";
import { expectEqual } from "../expect.ts";
import { show } from "../subject.ts";
import type { Checks } from "../table.ts";

const chain = defineChain({
  stores: {
    file: file({ priority: 400, directory: "state" }),
    mounted: mounted({ priority: 300, directory: "/run/secrets" }),
    dotenv: dotenv({ priority: 200, path: ".env" }),
    env: env({ priority: 100, files: true }),
  },
  credentials: {
    "db:basic": {
      fields: { user: required() },
      from: { file: "db.json", mounted: { prefix: "db_" }, dotenv: { prefix: "DB_" }, env: { prefix: "DB_" } },
    },
  },
});

const OFF = "file off, mounted off, dotenv off";

/** A `process` that is emulated, as an edge runtime's is: its members throw when they are looked at, or called. */
export const emulatedProcessChecks: Checks = {
  "where the members of process throw when they are called, the environment counts and stores of files are off":
    async () => {
      const process = emulated(() => () => refuse());
      expectEqual(await resolveWith({ process }), `env: ${OFF}, env hit`);
    },

  "where the members of process throw when they are looked at, the environment counts and stores of files are off":
    async () => {
      expectEqual(await resolveWith({ process: emulated(refuse) }), `env: ${OFF}, env hit`);
    },

  "where the environment itself throws when it is looked at, the caller's default serves": async () => {
    const process = Object.defineProperty(emulated(refuse), "env", { get: refuse });
    expectEqual(await resolveWith({ process }), `default: ${OFF}, env miss`);
  },

  "where the globals of the runtime throw when they are looked at, the caller's default serves": async () => {
    const globals = Object.defineProperties({}, { Deno: { get: refuse }, process: { get: refuse } });
    expectEqual(await resolveWith(globals), `default: ${OFF}, env miss`);
  },

  "where Node's file system has only a part of its members, stores of files are off": async () => {
    for (const fs of [{}, new Proxy({}, { get: refuse })]) {
      const process = { env: { DB_USER: "reader" }, getBuiltinModule: () => fs };
      expectEqual(await resolveWith({ process }), `env: ${OFF}, env hit`);
    }
  },

  "where Deno has neither files nor an environment, those of process count": async () => {
    const process = emulated(refuse);
    expectEqual(await resolveWith({ process, Deno: { version: {} } }), `env: ${OFF}, env hit`);
  },
};

function refuse(): never {
  throw new Error("A Node.js API is used which is not supported");
}

function emulated(get: () => unknown): object {
  const process = { env: { DB_USER: "reader" } };
  const names = ["getBuiltinModule", "cwd", "platform", "version", "versions", "argv"];
  return Object.defineProperties(process, Object.fromEntries(names.map((name) => [name, { get }])));
}

/** Resolves on a stand-in for the runtime's own globals; all of that walk is synchronous. */
async function resolveWith(globals: object): Promise<string> {
  const stand = Object.getOwnPropertyDescriptors(globals) as Record<string, PropertyDescriptor>;
  const names = ["Deno", "process", "navigator"];
  const own = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  try {
    for (const name of names) {
      Object.defineProperty(globalThis, name, { ...stand[name] ?? { value: undefined }, configurable: true });
    }
    return show(await resolved());
  } finally {
    for (const [at, name] of names.entries()) {
      if (own[at]) Object.defineProperty(globalThis, name, own[at]!);
      else delete (globalThis as Record<string, unknown>)[name];
    }
  }
}

function resolved() {
  return createResolver(chain).resolve("db:basic", { default: { user: "of the caller" } });
}

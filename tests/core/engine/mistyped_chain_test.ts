import { assert, assertEquals } from "@std/assert";
import { type Chain, ChainError, createResolver, env, file, optional, required, setting, token } from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";

const tokens = scriptedStore({ shape: token });

/** A chain as a program in JavaScript may declare it; one of its values is replaced. */
function declared() {
  return {
    stores: {
      sts: { kind: tokens, priority: 3, advisoryWindow: 1_000, defaultLifetime: 60_000, onExpired: "next" },
      file: { kind: file, priority: 2, directory: "state", enabled: true },
      env: { kind: env, priority: 1, recheck: 1_000, timeout: 5_000, onDenied: "next", onInvalid: "stop" },
    },
    credentials: {
      "a:keys": {
        fields: { id: required(), secret: optional(), region: setting({ default: "r" }) },
        anyOf: ["secret"],
        from: {
          sts: { role: "reader", fields: { id: "i", secret: "s" }, with: { id: "mine" } },
          file: { document: "a.json", text: false, fields: { id: "/i", secret: ["/s", "/t"], region: "/r" } },
          env: { prefix: "A_", fields: { secret: "S", region: ["R", "AWS_REGION"] } },
        },
      },
    },
    defaults: "allow",
  };
}

type Members = Record<string, unknown>;
type Path = readonly string[];

/** Lists the paths of everything in a declaration. */
function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const below = Object.entries(value).flatMap(([name, each]) => name === "kind" ? [] : pathsIn(each, [...path, name]));
  return path.length > 0 ? [path, ...below] : below;
}

function replaced(path: Path, value: unknown): Members {
  const chain = declared() as unknown as Members;
  const at = path.slice(0, -1).reduce((object, name) => object[name] as Members, chain);
  at[path.at(-1)!] = value;
  return chain;
}

/** Compiles a declaration, and returns its mistakes. */
function problemsOf(chain: Members): readonly { readonly path: string; readonly message: string }[] {
  const stores = Object.entries(Object(chain.stores) as Members).map(([name, options]) => {
    const kind = Object(options).kind;
    if (!kind) return [name, options];
    const { kind: _, ...own } = options as Members;
    return [name, (kind.store ?? kind)(own)];
  });
  try {
    createResolver({ ...chain, stores: Object.fromEntries(stores) } as unknown as Chain, testHost());
    return [];
  } catch (error) {
    if (error instanceof ChainError) return error.problems;
    throw error;
  }
}

/** What a value may be replaced by. */
const WRONG: readonly unknown[] = [5, true, null, "", "x", [], [5], {}, { a: 5 }, () => {}];

Deno.test("a value of another type in a chain is a ChainError or taken as it is, and never another error", () => {
  for (const path of pathsIn(declared())) {
    for (const value of WRONG) assert(Array.isArray(problemsOf(replaced(path, value))));
  }
});

const keys = ["credentials", "a:keys"];

const MISTAKES: readonly (readonly [value: unknown, message: string, ...path: Path])[] = [
  ["5000", "Expected a number", "stores", "env", "timeout"],
  [true, "Expected a number", "stores", "env", "recheck"],
  [[1_000], "Expected a number", "stores", "sts", "advisoryWindow"],
  ["60", "Expected a number", "stores", "sts", "defaultLifetime"],
  [true, "Expected a string", "stores", "env", "onDenied"],
  [0, "Expected a string", "stores", "sts", "onExpired"],
  ["1", "Expected a finite number", "stores", "env", "priority"],
  [5, "Expected text", ...keys, "from", "env", "fields", "secret"],
  [["R", 5], "Expected text", ...keys, "from", "env", "fields", "region"],
  [5, "Expected text", ...keys, "from", "file", "fields", "id"],
  [["/s", {}], "Expected text", ...keys, "from", "file", "fields", "secret"],
  [Object.create(null), "Expected text", ...keys, "from", "file", "fields", "id"],
  [["S", Object.create(null)], "Expected text", ...keys, "from", "env", "fields", "secret"],
];

for (const [value, message, ...path] of MISTAKES) {
  const name = path.map((each) => each.includes(":") ? `["${each}"]` : `.${each}`).join("").slice(1);
  Deno.test(`without a compiler too, ${JSON.stringify(value)} as ${name} is a mistake that says what was expected`, () => {
    assertEquals(problemsOf(replaced(path, value)), [{ path: name, message }]);
  });
}

Deno.test("several values of another type are listed in one error", () => {
  const chain = replaced(["stores", "env", "timeout"], "5") as ReturnType<typeof declared>;
  Object.assign(chain.credentials["a:keys"].from.env.fields, { secret: 5 });
  assertEquals(problemsOf(chain as unknown as Members).map(({ path }) => path), [
    "stores.env.timeout",
    'credentials["a:keys"].from.env.fields.secret',
  ]);
});

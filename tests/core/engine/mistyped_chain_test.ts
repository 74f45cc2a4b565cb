import { assert, assertEquals } from "@std/assert";
import { inspect } from "node:util";
import fc from "npm:fast-check@^4.10.2";
import {
  type Chain,
  ChainError,
  createResolver,
  defineStore,
  destination,
  env,
  file,
  optional,
  required,
  setting,
  token,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";

const tokens = scriptedStore({ shape: token });
const needing = defineStore({ kind: "needing", shape: variables, needs: ["login"], open: () => () => undefined });

/** A chain as a program in JavaScript may declare it; one of its values is replaced. */
function declared() {
  return {
    stores: {
      vault: { kind: needing, priority: 4, login: "a:login" },
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
          vault: { prefix: "v_" },
          env: { prefix: "A_", fields: { secret: "S", region: ["R", "AWS_REGION"] } },
        },
      },
      "a:login": {
        fields: { id: required(), url: destination({ from: ["env"], default: "https://example.org" }) },
        from: { env: { prefix: "LOGIN_" } },
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
  put(chain, path, value);
  return chain;
}

/** Puts a value at a path, unless something on the way was replaced by what has no members. */
function put(chain: Members, path: Path, value: unknown): void {
  const at = path.slice(0, -1).reduce<unknown>((object, name) => Object(object)[name], chain);
  if (typeof at === "object" && at) Object.assign(at, { [path.at(-1)!]: value });
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

const hidden = Symbol("obviously-fake");
const refusing = { toString: () => assert(false, "obviously-fake") };

/** What no text, no number and no JSON can be made of. */
const ODD: readonly unknown[] = [
  ...[undefined, hidden, Object.create(null), refusing, 1n, new Date(0), new Map(), class {}].flatMap((each) => [
    each,
    [each],
    { id: each, secret: [each] },
  ]),
  [[hidden]],
  [null],
];

Deno.test("what is neither text nor a number is a ChainError or taken as it is, and nothing of it is shown", () => {
  for (const path of pathsIn(declared())) {
    for (const value of ODD) {
      const shown = JSON.stringify(problemsOf(replaced(path, value)));
      assert(!shown.includes("obviously-fake"), shown);
    }
  }
});

Deno.test("whatever several values are replaced by, all mistakes are in one ChainError", () => {
  const replacement = fc.tuple(fc.constantFrom(...pathsIn(declared())), fc.constantFrom(...WRONG, ...ODD));
  fc.assert(
    fc.property(fc.array(replacement, { minLength: 2, maxLength: 5 }), (replacements) => {
      const chain = declared() as unknown as Members;
      for (const [path, value] of replacements) put(chain, path, value);
      problemsOf(chain).forEach(({ path, message }) => assert(typeof path === "string" && message.length > 0));
    }),
    { seed: 17, numRuns: 2_000 },
  );
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
  [hidden, "Expected text", ...keys, "from", "env", "prefix"],
  [5, "Expected text", ...keys, "from", "env", "prefix"],
  [[hidden], '"symbol" is not a required or optional field: expected id, secret', ...keys, "anyOf"],
  [Object.create(null), '"object" is not a required or optional field: expected id, secret', ...keys, "anyOf"],
  [
    [hidden],
    'Cannot find a store named "symbol": the stores are vault, sts, file, env',
    ...["credentials", "a:login", "fields", "url", "from"],
  ],
  [hidden, "Expected a finite number", "stores", "env", "priority"],
  [1n, "Expected a number", "stores", "env", "timeout"],
];

for (const [value, message, ...path] of MISTAKES) {
  const name = path.map((each) => each.includes(":") ? `["${each}"]` : `.${each}`).join("").slice(1);
  Deno.test(`without a compiler too, ${inspect(value)} as ${name} is a mistake that says what was expected`, () => {
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

Deno.test("a document or a need that is not text is a mistake of its mapping, or of its store", () => {
  for (const value of [hidden, Object.create(null), refusing, [hidden]]) {
    assertEquals(problemsOf(replaced([...keys, "from", "file", "document"], value)), [
      { path: 'credentials["a:keys"].from.file', message: "Expected the name of a document" },
    ]);
    assertEquals(problemsOf(replaced(["stores", "vault", "login"], value)), [{
      path: "stores.vault.login",
      message: `Cannot find a credential "${typeof value}": the credentials are a:keys, a:login`,
    }]);
  }
});

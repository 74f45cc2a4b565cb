import { assertEquals, assertFalse } from "@std/assert";
import { inspect } from "node:util";
import {
  answer,
  createResolver,
  defineChain,
  defineStore,
  denied,
  destination,
  document,
  env,
  file,
  flag,
  fromEnv,
  invalid,
  memory,
  mounted,
  optional,
  required,
  type ShapeName,
  type Store,
  token,
  unavailable,
  variables,
} from "../mod.ts";
import { postgresPassword, postgresPool } from "../src/clients/postgres.ts";
import { dotenv } from "../src/stores/dotenv/dotenv.ts";
import { scriptedStore, testHost, type TestHostOptions } from "../src/testing/mod.ts";
import { root } from "./support/closed_network/root.ts";
import { rejection } from "./support/fixtures/rejection.ts";
import { filesBelow } from "./support/repository_files.ts";

/** The start of every value in the list, which no message may contain. */
const SECRET = "hunter2";
const WHOLE = { user: `${SECRET}-u`, password: `${SECRET}-p` };

type Case = readonly [
  message: string,
  store: Store<ShapeName, never>,
  from: unknown,
  host?: TestHostOptions,
  options?: object,
];

const json = (text: string): TestHostOptions => ({ files: { "state/db.json": text } });
const DOCUMENTS = file({ priority: 1, directory: "state" });
const scripted = (answer: unknown) => scriptedStore({ shape: document, answer }).store({ priority: 1 });
const variable = (answer: unknown) =>
  scriptedStore({ shape: variables, answer: answer as string }).store({ priority: 1 });
const minting = (answer: unknown) => scriptedStore({ shape: token, answer: answer as never }).store({ priority: 1 });
const requesting = defineStore({
  kind: "requesting",
  shape: variables,
  open: (_: object, { fetch }) => async () => await (await fetch(`https://own.example:8443/?key=${SECRET}`)).text(),
})({ priority: 1 });
const failing = (error: object): TestHostOptions => ({
  fetch: () => Promise.reject(Object.assign(new Error(SECRET), error)),
});
const either = defineStore({
  kind: "either",
  shape: variables,
  options: { url: "string|undefined", issuer: "string|undefined" },
  anyOf: ["url", "issuer"],
  open: (_: { url?: string; issuer?: string }) => () => undefined,
})({ priority: 1, url: fromEnv("OWN_URL", ""), issuer: fromEnv("OWN_ISSUER", "") });
const ENV = env({ priority: 1, files: true });
const DOTENV = dotenv({ priority: 1, path: ".env" });
const DB = { prefix: "DB_" };

/** Every message of a resolver's errors, without the prefix that all of them have. */
const MESSAGES: readonly Case[] = [
  [
    '"own" is unavailable: what it gave has expired',
    scripted(answer({ user: SECRET }, { expiresAt: 1 })),
    "db.json",
  ],
  ['no store has it: supply DB_USER and DB_PASSWORD in "own"', ENV, DB],
  ['no store has it: supply db.json#user and db.json#password in "own"', DOCUMENTS, "db.json"],
  ["no store has it: map it in a store that can hold it", minting(undefined), true],
  ['no store has it: "own" is off: set IS_ON to true', env({ priority: 1, enabled: flag("IS_ON") }), DB],
  [
    'no store has it: "own" is off: set IS_ON to true and set STATE_DIR',
    file({ priority: 1, enabled: flag("IS_ON"), directory: fromEnv("STATE_DIR") }),
    "db.json",
  ],
  ['no store has it: "own" is off: this runtime lacks what it needs', DOCUMENTS, "db.json", { files: false }],
  ['no store has it, and the chain forbids defaults: supply DB_USER and DB_PASSWORD in "own"', ENV, DB, {}, {
    default: WHOLE,
  }],
  ['"own" is incomplete: only part of the identity is present: supply DB_PASSWORD', ENV, DB, {
    env: { DB_USER: SECRET },
  }],
  ['"own" is denied: sealed', scripted(denied("sealed")), "db.json"],
  ['"own" is invalid: not as expected', scripted(invalid("not as expected")), "db.json"],
  ['"own" is unavailable: away', scripted(unavailable("away")), "db.json"],
  ['"own" is invalid: its look-up threw: fix the store\'s code', scripted(new Error(SECRET)), "db.json"],
  ["no answer within the budget of 5 ms", variable(new Promise(() => {})), DB, {}, { budget: 5 }],
  ['"own" is unavailable: no answer within its timeout of 5000 ms', variable(new Promise(() => {})), DB, {}, {
    budget: 60_000,
  }],
  [
    '"own" is invalid: the expiry of the token is not a time in the future',
    minting({ values: WHOLE, expiresIn: SECRET }),
    true,
  ],
  ['"own" is denied: state/db.json: no permission to read the file', DOCUMENTS, "db.json", {
    files: { "state/db.json": denied("no permission to read the file") },
  }],
  ['"own" is denied: state/db.json needs --allow-read=state', DOCUMENTS, "db.json", {
    files: { "state/db.json": denied("needs --allow-read") },
  }],
  ['"own" is denied: needs --allow-env=DB_USER', ENV, DB, { env: { DB_USER: denied("needs --allow-env=DB_USER") } }],
  ['"own" is denied: needs --allow-net=own.example:8443', requesting, DB, failing({ name: "NotCapable" })],
  ['"own" is denied: needs --allow-net', requesting, DB, failing({ code: "ERR_ACCESS_DENIED" })],
  ['"own" is unavailable: no connection to the server', requesting, DB, failing({})],
  ['"own" is invalid: state/db.json is empty: expected a JSON object', DOCUMENTS, "db.json", json("")],
  [
    '"own" is invalid: state/db.json:1:17 is not valid JSON: expected a JSON object',
    DOCUMENTS,
    "db.json",
    json(`{"user":"${SECRET}`),
  ],
  [
    '"own" is invalid: state/db.json:1:9 is not valid JSON: expected a JSON object',
    DOCUMENTS,
    "db.json",
    json(`{"user":${SECRET}}`),
  ],
  ['"own" is invalid: db.json is an array: expected a JSON object', DOCUMENTS, "db.json", json(`["${SECRET}"]`)],
  [
    '"own" is invalid: db.json is not plain data: expected a JSON object',
    scripted(new Map([[SECRET, SECRET]])),
    "db.json",
  ],
  ['"own" is invalid: db.json is a scalar: expected a JSON object', DOCUMENTS, "db.json", json(`"${SECRET}"`)],
  ['"own" is invalid: db.json#user is not text', DOCUMENTS, "db.json", json(`{"user":7,"password":"${SECRET}"}`)],
  ['"own" is invalid: db.json#a is not text', DOCUMENTS, {
    document: "db.json",
    fields: { user: ["a", "/b"], password: ["c", "/d"] },
  }, json(`{"a":{"x":"${SECRET}"}}`)],
  ['"own" is invalid: db.json#user is not text', DOCUMENTS, {
    document: "db.json",
    fields: { user: "{user}:{password}", password: "password" },
  }, json(`{"user":7,"password":"${SECRET}"}`)],
  ['"own" is invalid: db.json#user contains ":", which separates the parts of the template', DOCUMENTS, {
    document: "db.json",
    fields: { user: "{user}:{password}", password: "password" },
  }, json(`{"user":"a:${SECRET}","password":"b"}`)],
  [
    '"own" is incomplete: only part of the identity is present: supply db.json#password',
    DOCUMENTS,
    { document: "db.json", fields: { user: "{user}:{password}", password: "password" } },
    json(`{"user":"${SECRET}"}`),
  ],
  ['"own" is invalid: state/db.json is larger than 1024 KiB', DOCUMENTS, "db.json", {
    files: { "state/db.json": { text: SECRET, size: 1_048_577 } },
  }],
  ['"own" is invalid: state/db.json is not a regular file', DOCUMENTS, "db.json", {
    files: { "state/db.json": { special: true } },
  }],
  ['"own" is invalid: state/db.json is not valid UTF-8 text', DOCUMENTS, "db.json", json(`{"user":"${SECRET}\uFFFD"}`)],
  [
    '"own" is invalid: state/db.json leads outside its directory by a link: expected a path within it',
    DOCUMENTS,
    "db.json",
    {
      files: { "state/db.json": { link: "/etc/x" }, "etc/x": SECRET },
    },
  ],
  ['"own" is invalid: ../db.json leads outside its directory: expected a path within it', DOCUMENTS, "../db.json"],
  [
    '"own" is invalid: run/user leads outside its directory by a link: expected a path within it',
    mounted({ priority: 1, directory: "run" }),
    { prefix: "" },
    {
      files: { "run/user": { link: "../x" }, "x": SECRET },
    },
  ],
  ['"own" is invalid: DB_USER is not valid UTF-8 text', ENV, DB, { env: { DB_USER: `${SECRET}\uFFFD` } }],
  [
    '"own" is invalid: .env has a # without a space before it at line 2: put the value in single quotes, or a space ' +
    "before a comment",
    DOTENV,
    DB,
    { files: { ".env": `DB_USER=u\nDB_PASSWORD=${SECRET}#${SECRET}` } },
  ],
  [
    '"own" is invalid: .env has a quote that is not closed at line 1: close it, or put the value in quotes of the ' +
    "other kind",
    DOTENV,
    DB,
    { files: { ".env": `DB_USER='${SECRET}\nDB_PASSWORD=${SECRET}` } },
  ],
  ['"own" is invalid: DB_USER is not text', ENV, DB, { env: { DB_USER: 7 } }],
  ['"own" is unavailable: the binding DB_USER cannot be read', ENV, DB, {
    env: { DB_USER: { get: () => Promise.reject(new Error(SECRET)) } },
  }],
  ['"own" is invalid: DB_USER and DB_USER_FILE are both set: expected only one of them', ENV, DB, {
    env: { DB_USER: SECRET, DB_USER_FILE: "/x" },
  }],
  ['"own" is invalid: DB_USER_FILE is not an absolute path', ENV, DB, { env: { DB_USER_FILE: SECRET } }],
  [
    '"own" is invalid: DB_USER_FILE is not an absolute path: only a shell expands "~"',
    ENV,
    DB,
    { env: { DB_USER_FILE: `~/${SECRET}` } },
  ],
  ['"own" is invalid: DB_USER_FILE names a file that does not exist', ENV, DB, { env: { DB_USER_FILE: `/${SECRET}` } }],
  ['"own" is invalid: DB_USER_FILE is set, and this runtime has no files: set DB_USER instead', ENV, DB, {
    env: { DB_USER_FILE: "/x" },
    files: false,
  }],
  ['"own" is invalid: DB_URI is not a URL, or contains user info', ENV, DB, {
    env: { DB_USER: "u", DB_PASSWORD: "p", DB_URI: `db://${SECRET}@x` },
  }],
  [
    '"own" is invalid: $STATE_DIR begins with "~": expected an absolute path, a URL object or fromEnv("HOME")',
    file({ priority: 1, directory: fromEnv("STATE_DIR") }),
    "db.json",
    { env: { STATE_DIR: `~/${SECRET}` } },
  ],
  [
    '"own" is invalid: $STATE_DIR begins with "$": expected an absolute path, a URL object or fromEnv("HOME")',
    file({ priority: 1, directory: fromEnv("STATE_DIR") }),
    "db.json",
    { env: { STATE_DIR: ` \${${SECRET}}/x` } },
  ],
  [
    '"own" is invalid: $STATE_DIR begins with "file:": expected an absolute path, a URL object or fromEnv("HOME")',
    file({ priority: 1, directory: fromEnv("STATE_DIR") }),
    "db.json",
    { env: { STATE_DIR: `file:///${SECRET}` } },
  ],
  ...["%00", "%2F", "%5c"].map((encoded): Case => [
    '"own" is invalid: directory is not a file URL: expected a path, or a URL that begins with file:',
    file({ priority: 1, directory: new URL(`file:///srv/${encoded}${SECRET}`) }),
    "db.json",
  ]),
  ['"own" is invalid: neither OWN_URL nor OWN_ISSUER is set', either, DB],
  ['"own" is invalid: STATE_DIR is not set', file({ priority: 1, directory: fromEnv("STATE_DIR") }), "db.json"],
  [
    '"own" is invalid: directory is not a file URL: expected a path, or a URL that begins with file:',
    file({ priority: 1, directory: [SECRET] as never }),
    "db.json",
  ],
  [
    '"own" is invalid: IS_ON is not a flag: expected 1, true, yes, on, 0, false, no or off',
    env({ priority: 1, enabled: flag("IS_ON") }),
    DB,
    { env: { IS_ON: SECRET } },
  ],
  [
    '"own" is invalid: STATE_DIR is not text that can be read synchronously',
    file({ priority: 1, directory: fromEnv("STATE_DIR") }),
    "db.json",
    { env: { STATE_DIR: { get: () => Promise.resolve(SECRET) } } },
  ],
];

Deno.test("every message of a resolver is in this list, and none contains a value", async () => {
  const messages: string[] = [];
  for (const [, own, from, given = {}, options] of MESSAGES) {
    const host = testHost(given);
    const chain = defineChain({
      defaults: "forbid",
      stores: { own },
      credentials: {
        "db:basic": {
          fields: { user: required(), password: required(), note: optional(), uri: destination() },
          from: { own: from as never },
        },
      },
    });
    const resolver = createResolver(chain, host);
    const failing = rejection(resolver.resolve("db:basic", options as never));
    for (let wait = 0; wait < 6_000; wait += 50) {
      await host.clock.advance(50).then(() => host.clock.timers || (wait = 6_000));
    }
    const error = await failing;
    messages.push(error.message);
    assertFalse(
      inspect([error, resolver.describe(), host.events], { depth: 99, showHidden: true }).includes(SECRET),
      error.message,
    );
  }
  assertEquals(messages, MESSAGES.map(([message]) => `Cannot resolve "db:basic": ${message}`));
});

Deno.test("the messages of pools of PostgreSQL are those that are listed, and have no value in them", async () => {
  const resolverOf = (values: Record<string, string>) =>
    createResolver(defineChain({
      stores: { memory: memory({ priority: 1, values }) },
      credentials: {
        "db:basic": { fields: { user: required(), password: optional() }, from: { memory: { prefix: "" } } },
      },
    }));
  const values = { ...WHOLE };
  const resolver = resolverOf(values);
  const build = () => ({ end: () => Promise.resolve() });
  const closed = postgresPool(resolver, "db:basic", build);
  await closed[Symbol.asyncDispose]();
  const password = postgresPassword(resolver, "db:basic");
  await password();
  values.user = `${SECRET}-v`;
  resolver.invalidate("db:basic");
  const pool = postgresPool(resolver, "db:basic", build, { overlap: 0 });
  const begun = Promise.withResolvers<void>();
  const late = pool.use(() => {
    begun.resolve();
    return new Promise(() => {});
  });
  await Promise.all([begun.promise.then(() => pool[Symbol.asyncDispose]()), late.catch(() => {})]);
  const errors: Error[] = await Promise.all([
    rejection(postgresPool(resolverOf({ user: WHOLE.user }), "db:basic", build).use(() => {})),
    rejection(password()),
    rejection(closed.use(() => {})),
    late.then(() => new Error("no error"), (error) => error),
  ]);
  assertEquals(errors.map(({ message }) => message), [
    'Cannot resolve "db:basic": "memory" gave no value for the field password',
    'Cannot resolve "db:basic": "memory" gave another user than that of the pool: use postgresPool()',
    'Cannot resolve "db:basic": the pool is disposed: create another',
    "The pool was ended, and its work was not done within the overlap",
  ]);
  assertFalse(inspect(errors, { depth: 99, showHidden: true }).includes(SECRET));
});

/** The messages in a source file: the texts of errors, refusals and problems. */
function messagesIn(source: string): { readonly maker: string; readonly text: string }[] {
  const code = source.replace(/\/\*\*.*?\*\//gs, "");
  const call =
    /\b(denied|invalid|unavailable|wrong|complain|below|TypeError|CredentialError)\(\s*(?:(?:[\w.]+|"[\w.]*"|`[^`]*`),\s*)?(`[^`]*`|"[^"\n]*"|'[^'\n]*')/g;
  return [...code.matchAll(call)].map(([, maker, text]) => ({ maker: maker!, text: text!.slice(1, -1) }));
}

Deno.test("every message in the source follows one grammar: no full stop, no contraction, no text from outside", () => {
  const sources = filesBelow("src/").filter((path) => path.endsWith(".ts"));
  const messages = sources.flatMap((path) => messagesIn(Deno.readTextFileSync(root + path)));
  assertEquals(messages.length > 80, true);
  const wrong = messages.filter(({ maker, text }) =>
    /[.!]$/.test(text) ||
    /n't\b|\b(it|that|there|what)'s\b|'(re|ll|ve)\b/i.test(text) ||
    /\$\{[^}]*\b(message|cause|stack|body|secret|password|value|input|received)\b/i.test(text) ||
    (maker === "TypeError" && !/^(Cannot|Expected|Unknown|The) /.test(text))
  );
  assertEquals(wrong, []);
});

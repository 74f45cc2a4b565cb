/**
 * Whatever a variable holds, it is used, or the store that reads it is refused by the variable's name alone.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import {
  createResolver,
  destination,
  env,
  file,
  flag,
  fromEnv,
  memory,
  optional,
  required,
  type Resolver,
} from "../../mod.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { attempt } from "../support/fuzz/attempt.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { type FuzzHost, fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { type Marker, markers } from "../support/fuzz/marker.ts";
import { mutated } from "../support/fuzz/mutations.ts";

type Check = (marker: Marker, values: readonly unknown[]) => Promise<void>;

const FLAGS = [
  "1",
  "true",
  "YES",
  " on ",
  "0",
  "false",
  "No",
  "\toff\n",
  "",
  " ",
  "enabled",
  "2",
  "truе",
  "1 1",
  "true\0",
];
const ADDRESSES = [
  "https://issuer.example/token",
  "HTTPS://issuer.example",
  " https://issuer.example",
  "http://plain.example",
  "http://127.0.0.1:1/token",
  "http://127.0.0.1.plain.example",
  "http://[::ffff:127.0.0.1]",
  "http://0x7f.1",
  "https://",
  "https:issuer.example",
  "//issuer.example",
  "javascript:0",
  "data:,a",
  "https://issuer.example:99999",
  "https://ｉssuer.example",
  "https://[",
];
const DIRECTORIES = [
  "/state",
  "/state/",
  "/state/../state",
  "state",
  "./state",
  "/",
  ".",
  "..",
  "~",
  "/nowhere",
  "C:\\state",
];

/** What a variable or a binding may hold. */
function valuesOf({ text }: Marker, known: readonly string[]): fc.Arbitrary<unknown> {
  const secrets = [
    text,
    ` ${text} `,
    `${text}\0`,
    `\uFEFF${text}`,
    `${text}\uD800`,
    `${text}\uFFFD`,
    `https://${text}:${text}@a.example`,
  ];
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known, ...secrets) },
    { weight: 3, arbitrary: mutated(fc.constantFrom(...known, `https://issuer.example/${text}`)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<unknown>(undefined, null, 7, true, {}, [], [text], { a: text }, "a".repeat(1_000_000)),
    },
  );
  const binding = fc.tuple(value, fc.constantFrom("now", "later", "throws", "rejects")).map(([each, how]) => ({
    get: () => {
      if (how === "throws") throw new Error(text);
      if (how === "rejects") return Promise.reject(new Error(text));
      return how === "now" ? each : Promise.resolve(each);
    },
  }));
  return fc.oneof({ weight: 8, arbitrary: value }, binding);
}

function resolverOf(upper: object, mapping: object, host: FuzzHost, others: object = {}): Resolver {
  const lower = memory({ priority: 1, values: { user: "lower", word: "lower" } });
  return createResolver(
    {
      stores: { upper, lower },
      credentials: {
        "a:b": {
          fields: { user: required(), word: required(), note: optional(), uri: destination({ from: ["upper"] }) },
          from: { upper: mapping, lower: { prefix: "" } },
        },
        ...others,
      },
    } as never,
    host,
  ) as Resolver;
}

/** Values of fields, and a flag that switches their store on. */
const checkFields: Check = async (marker, [on, user, word, note, uri]) => {
  const host = fuzzHost({ env: { ON: on, DB_USER: user, DB_WORD: word, DB_NOTE: note, DB_URI: uri } });
  const resolver = resolverOf(env({ priority: 2, enabled: flag("ON") }), { prefix: "DB_" }, host);
  const { ended, degraded, credential } = await attempt(resolver, "a:b", marker, host.events);
  const state = resolver.describe().stores[0]!.state;
  assertEquals(state, stateOf(on));
  if (ended === "lower" && !degraded && state === "on") assert([user, word, note].every(isAbsent), "The seed won");
  if (ended !== "upper") return;
  assertEquals(state, "on");
  for (const [name, value] of [["user", user], ["word", word]] as const) {
    if (typeof value === "string") assertEquals(credential!.get(name), value);
  }
};

function stateOf(on: unknown): string {
  const value = typeof on === "object" && on !== null && "get" in on ? readNow(on as { get(): unknown }) : on;
  if (value === undefined || typeof value === "string" && value.trim() === "") return "off";
  if (typeof value !== "string" || /[\0\uFFFD\p{Cs}]/u.test(value)) return "invalid";
  const word = value.trim().toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return "on";
  return ["0", "false", "no", "off"].includes(word) ? "off" : "invalid";
}

function readNow(binding: { get(): unknown }): unknown {
  try {
    const value = binding.get();
    if (value instanceof Promise) value.catch(() => {});
    return value;
  } catch {
    return null;
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "object" ||
    typeof value === "string" && value.trim() === "";
}

/** An address to which a secret is sent. */
const checkAddress: Check = async (marker, [tokenEndpoint, id]) => {
  const asked: string[] = [];
  const host = fuzzHost({
    env: { URL: tokenEndpoint, ID: id },
    fetch: (input) => {
      asked.push(String(input));
      return Promise.reject(new TypeError(marker.text));
    },
  });
  const upper = oauth2({
    priority: 3,
    client: "own:client",
    tokenEndpoint: fromEnv("URL"),
    scope: fromEnv("SCOPE", ""),
  });
  const client = {
    fields: { client_id: required(), client_secret: required() },
    from: { lower: { fields: { client_id: "user", client_secret: "word" } } },
  };
  const resolver = resolverOf(upper, { fields: { user: "access_token", word: "token_type" } }, host, {
    "own:client": client,
  });
  const { ended, degraded } = await attempt(resolver, "a:b", marker, host.events);
  if (ended === "lower") assert(degraded, "The seed won unnoticed");
  for (const address of asked) {
    const { protocol, hostname } = new URL(address);
    assert(
      protocol === "https:" || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname),
      "A secret was sent without TLS",
    );
  }
};

/** A directory that documents are read in. */
const checkDirectory: Check = async (marker, [directory]) => {
  const login = JSON.stringify({ user: marker.text, word: marker.text });
  const host = fuzzHost({ env: { DIR: directory }, files: { "/state/d.json": login } });
  const fields = { user: "user", word: "word" };
  const resolver = resolverOf(file({ priority: 2, directory: fromEnv("DIR") }), { document: "d.json", fields }, host);
  const { ended, credential } = await attempt(resolver, "a:b", marker, host.events);
  assert(["upper", "lower", "invalid", "denied"].includes(ended), `It ended as ${ended}`);
  if (ended === "upper") assertEquals(credential!.get("user"), marker.text);
  if (typeof directory === "string" && directory.trim() === "") assertEquals(ended, "invalid");
};

const KINDS: Readonly<Record<string, readonly [check: Check, known: readonly string[]]>> = {
  "a flag": [checkFields, FLAGS],
  "fields": [checkFields, ["1", "on", "https://db.example", "db://host:5432", "u"]],
  "an address": [checkAddress, ADDRESSES],
  "a directory": [checkDirectory, DIRECTORIES],
};

const cases = fc.tuple(markers, fc.constantFrom(...Object.keys(KINDS))).chain(([marker, kind]) => {
  const values = fc.array(valuesOf(marker, KINDS[kind]![1]), { minLength: 5, maxLength: 5 });
  return fc.record({ marker: fc.constant(marker), kind: fc.constant(kind), values });
});

Deno.test("whatever a variable or a flag holds, it is used or refused by its name, and no message quotes it", async () => {
  await fuzz("variables and flags", cases, ({ marker, kind, values }) => KINDS[kind]![0](marker, values));
});

import { assertEquals } from "@std/assert";
import { createResolver, env, file, fromEnv, memory, mounted, required, type Store } from "../../mod.ts";
import type { OptionTypes } from "../../src/core/chain/option_types.ts";
import { dotenv } from "../../src/stores/dotenv/dotenv.ts";
import { validateChain } from "../../src/report/mod.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { sts } from "../../src/stores/sts/sts.ts";
import { testHost } from "../../src/testing/mod.ts";
import { problems, rejection } from "../support/fixtures/rejection.ts";

type Untyped = (options: object) => Store;

interface Kind {
  readonly store: Untyped;
  readonly options: object;
  readonly from: unknown;
}

const PREFIX = { prefix: "" };
const OAUTH2 = { tokenEndpoint: "https://idp.example/token", client: "own:need" };
const STS = { endpoint: "https://s3.example", webIdentity: "own:need" };

const KINDS: Readonly<Record<string, Kind>> = {
  env: { store: env as Untyped, options: {}, from: PREFIX },
  file: { store: file as Untyped, options: { directory: "state" }, from: "db.json" },
  mounted: { store: mounted as Untyped, options: { directory: "run" }, from: PREFIX },
  memory: { store: memory as Untyped, options: {}, from: PREFIX },
  dotenv: { store: dotenv as Untyped, options: { path: ".env" }, from: PREFIX },
  oauth2: { store: oauth2 as Untyped, options: OAUTH2, from: true },
  sts: { store: sts as Untyped, options: STS, from: true },
};

const NEED = { client_id: "i", client_secret: "not-a-secret", token: "not-a-token" };

function chainOf(kind: string, options: object, request?: object) {
  const { store, options: sound, from } = KINDS[kind]!;
  const need = { client_id: required(), client_secret: required(), token: required() };
  return {
    stores: { own: store({ priority: 2, ...sound, ...options }), need: memory({ priority: 1, values: NEED }) },
    credentials: {
      "own:need": { fields: need, from: { need: PREFIX } },
      "db:basic": { fields: { user: required() }, from: { own: request ?? from } },
    },
  };
}

function resolverOf(kind: string, options: object, request?: object) {
  const sent: string[] = [];
  const host = testHost({
    env: { TEXT: "true" },
    fetch: (input) => {
      sent.push(String(input));
      return Promise.reject(new TypeError("no connection"));
    },
  });
  const resolver = createResolver(chainOf(kind, options, request) as never, host) as ReturnType<
    typeof createResolver<never, object>
  >;
  return { resolver, sent };
}

for (const kind of Object.keys(KINDS)) {
  Deno.test(`${kind}() does not take an option that it does not know, so that none is ignored`, () => {
    assertEquals(
      problems(() => resolverOf(kind, { recheckk: 5 })),
      ['stores.own.recheckk: Unknown option "recheckk": did you mean "recheck"?'],
    );
    resolverOf(kind, {});
  });
}

const WRONG: readonly (readonly [kind: string, options: object, detail: string])[] = [
  ["oauth2", { tokenEndpoint: 5 }, "tokenEndpoint is not text"],
  ["oauth2", { issuer: {} }, "issuer is not text"],
  ["oauth2", { authentication: ["client_secret_basic"] }, "authentication is not text"],
  ["oauth2", { allowInsecureHttp: "false" }, "allowInsecureHttp is not true or false"],
  ["oauth2", { allowInsecureHttp: fromEnv("TEXT") }, "allowInsecureHttp is not true or false"],
  ["oauth2", { scope: ["a", "b"] }, "scope is not text"],
  ["oauth2", { audience: 7 }, "audience is not text"],
  ["oauth2", { resource: 7 }, "resource is not text"],
  ["oauth2", { resource: ["a", 7] }, "resource is not text, or a list of texts"],
  ["sts", { endpoint: null }, "endpoint is not text"],
  ["sts", { role: ["r"] }, "role is not text"],
  ["sts", { sessionName: 5 }, "sessionName is not text"],
  ["sts", { policy: { Version: "2012-10-17" } }, "policy is not text"],
  ["sts", { duration: "900000" }, "duration is not a number"],
  ["sts", { allowInsecureHttp: 1 }, "allowInsecureHttp is not true or false"],
];

Deno.test("an option of the wrong type is invalid, and nothing is read or sent with it", async () => {
  for (const [kind, options, detail] of WRONG) {
    const { resolver, sent } = resolverOf(kind, options);
    const { code, message } = await rejection(resolver.resolve("db:basic" as never));
    assertEquals([code, message], ["invalid", `Cannot resolve "db:basic": "own" is invalid: ${detail}`], kind);
    assertEquals(sent, []);
  }
});

const MISTYPED: readonly (readonly [kind: string, options: object, problem: string])[] = [
  ["env", { files: "false" }, "files: Expected true or false"],
  ["env", { files: fromEnv("TEXT") }, "files: Expected true or false"],
  ["file", { directory: 5 }, "directory: Expected text"],
  ["file", { directory: undefined }, "directory: Expected text"],
  ["file", { sync: "false" }, "sync: Expected true or false"],
  ["file", { mode: "600" }, "mode: Expected a number"],
  ["file", { group: "1000" }, "group: Expected a number"],
  ["mounted", { directory: true }, "directory: Expected text"],
  ["mounted", { sync: 0 }, "sync: Expected true or false"],
  ["memory", { values: "user=u" }, "values: Expected an object"],
  ["dotenv", { path: 5 }, "path: Expected text"],
  ["oauth2", { allowInsecureHttp: "false" }, "allowInsecureHttp: Expected true or false"],
  ["oauth2", { scope: ["a", "b"] }, "scope: Expected text"],
  ["sts", { duration: "900000" }, "duration: Expected a number"],
];

Deno.test("a chain that no compiler has checked is told each option that is of another type", () => {
  for (const [kind, options, problem] of MISTYPED) {
    assertEquals(problems(() => validateChain(chainOf(kind, options))), [`stores.own.${problem}`]);
  }
  for (const kind of Object.keys(KINDS)) validateChain(chainOf(kind, {}));
  validateChain(chainOf("file", { directory: fromEnv("TEXT") }));
  validateChain(chainOf("file", { directory: new URL("file:///srv/state") }));
});

Deno.test("a directory that is neither a path nor a URL is invalid, and nothing is read", async () => {
  for (
    const [kind, options] of [["file", { directory: 5 }], ["mounted", { directory: ["run"] }], ["dotenv", {
      path: 5,
    }]] as const
  ) {
    const { code } = await rejection(resolverOf(kind, options).resolver.resolve("db:basic" as never));
    assertEquals(code, "invalid", kind);
  }
});

const WRONG_REQUESTS: readonly (readonly [kind: string, request: object, detail: string])[] = [
  ["oauth2", { scope: ["a", "b"] }, "scope is not text"],
  ["oauth2", { audience: { url: "a" } }, "audience is not text"],
  ["sts", { duration: fromEnv("TEXT") }, "duration is not a number"],
  ["oauth2", { resource: [["a"]] }, "resource is not text, or a list of texts"],
  ["sts", { role: ["r"] }, "role is not text"],
  ["sts", { sessionName: true }, "sessionName is not text"],
  ["sts", { policy: { Version: "2012-10-17" } }, "policy is not text"],
  ["sts", { duration: [900_000] }, "duration is not a number"],
];

Deno.test("a parameter of the wrong type is not sent, since a list would become text with commas", async () => {
  for (const [kind, request, detail] of WRONG_REQUESTS) {
    const { resolver, sent } = resolverOf(kind, {}, request);
    const { code, message } = await rejection(resolver.resolve("db:basic" as never));
    assertEquals([code, message], ["invalid", `Cannot resolve "db:basic": "own" is invalid: ${detail}`], kind);
    assertEquals(sent, []);
  }
});

interface Example {
  readonly url: string;
  readonly retries?: number;
}

/** Mistakes in the list of a store's options, each of which must be a compile error. */
export function mistakes(): readonly OptionTypes<Example>[] {
  return [
    { url: "string", retries: "number|undefined" },
    // @ts-expect-error An option that was forgotten.
    { url: "string" },
    // @ts-expect-error An option that does not exist.
    { url: "string", retries: "number|undefined", retry: "number|undefined" },
    // @ts-expect-error An option of another type.
    { url: "number", retries: "number|undefined" },
    // @ts-expect-error An option that may not be left out.
    { url: "string|undefined", retries: "number|undefined" },
  ];
}

import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  denied,
  document,
  invalid,
  optional,
  type Refusal,
  required,
  type StoreOptions,
  token,
  unavailable,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../../support/fixtures/small_chain.ts";

const WHOLE = { user: "upper-user", password: "upper-password" };
const PART = { user: "upper-user" };
const LOWER = { user: "lower-user", password: "lower-password" };
const DEFAULT = { user: "default-user", password: "default-password" };
const SHAPES = ["variables", "document", "token"] as const;
type ScriptedAnswer = { readonly [name: string]: string } | Refusal | undefined;

/** Creates a resolver of an upper store with some shape and answer, above a lower store of variables. */
function chainOf(
  shape: typeof SHAPES[number],
  answer: ScriptedAnswer,
  options: Partial<StoreOptions> = {},
  lower: object = LOWER,
) {
  const below = scriptedStore({ shape: variables, answers: { ...lower } });
  const refusal = answer !== undefined && "outcome" in answer ? answer as Refusal : undefined;
  const values = answer as Record<string, string> | undefined;
  const stores = {
    variables: scriptedStore({ shape: variables, answers: { ...values }, answer: refusal }),
    document: scriptedStore({ shape: document, answer }),
    token: scriptedStore({ shape: token, answer: refusal ?? (values && { values, expiresIn: 600 }) }),
  };
  const own = { priority: 200, ...options };
  const fields = { user: required(), password: required(), note: optional() };
  const stored = { lower: below.store({ priority: 100 }) };
  const from = { lower: { prefix: "" } };
  const host = testHost();
  const resolver = shape === "variables"
    ? createResolver(
      defineChain({
        stores: { upper: stores.variables.store(own), ...stored },
        credentials: { "db:basic": { fields, from: { upper: { prefix: "" }, ...from } } },
      }),
      host,
    )
    : shape === "document"
    ? createResolver(
      defineChain({
        stores: { upper: stores.document.store(own), ...stored },
        credentials: { "db:basic": { fields, from: { upper: "db.json", ...from } } },
      }),
      host,
    )
    : createResolver(
      defineChain({
        stores: { upper: stores.token.store(own), ...stored },
        credentials: { "db:basic": { fields, from: { upper: true, ...from } } },
      }),
      host,
    );
  return { resolver, below, host };
}

for (const shape of SHAPES) {
  Deno.test(`a hit of a ${shape} store is used, and no lower store is asked`, async () => {
    const { resolver, below } = chainOf(shape, WHOLE);
    const credential = await resolver.resolve("db:basic", { default: DEFAULT });
    assertEquals([credential.source, credential.degraded, credential.get("password")], [
      "upper",
      false,
      WHOLE.password,
    ]);
    assertEquals(credential.trace, [{ store: "upper", outcome: "hit", role: "winner" }]);
    assertEquals(below.asked, []);
  });

  Deno.test(`after a miss of a ${shape} store the next one is asked, and the credential is not degraded`, async () => {
    const blanks = [{ user: " ", password: "\t\n" }, { note: "" }];
    const nothings = { variables: [undefined, ...blanks], document: [undefined, {}], token: [undefined] };
    for (const nothing of nothings[shape]) {
      const { resolver } = chainOf(shape, nothing);
      const credential = await resolver.resolve("db:basic");
      assertEquals([credential.source, credential.degraded], ["lower", false]);
      assertEquals(credential.trace.map(({ outcome, role }) => [outcome, role]), [["miss", "passed"], [
        "hit",
        "winner",
      ]]);
    }
  });

  Deno.test(`a ${shape} store that is off is passed over, and the trace shows it`, async () => {
    const { resolver } = chainOf(shape, WHOLE, { enabled: false });
    const credential = await resolver.resolve("db:basic");
    assertEquals(credential.trace[0], {
      store: "upper",
      outcome: "off",
      role: "passed",
      detail: "set enabled to true",
    });
    assertEquals(credential.degraded, false);
  });

  Deno.test(`if a ${shape} store is unavailable the next one is asked, and the credential is degraded`, async () => {
    const { resolver } = chainOf(shape, unavailable("no connection"));
    const credential = await resolver.resolve("db:basic");
    assertEquals([credential.source, credential.degraded], ["lower", true]);
    assertEquals(credential.trace[0], {
      store: "upper",
      outcome: "unavailable",
      role: "passed",
      detail: "no connection",
    });
  });

  for (const refusal of [denied("no permission"), invalid("not what was expected")]) {
    Deno.test(`a ${shape} store that is ${refusal.outcome} stops the walk, although a lower store or a default has the credential`, async () => {
      const { resolver, below } = chainOf(shape, refusal);
      for (const call of [resolver.resolve("db:basic", { default: DEFAULT }), resolver.find("db:basic")]) {
        const { code, trace } = await rejection(call);
        assertEquals(code, refusal.outcome);
        assertEquals(trace, [{ store: "upper", outcome: refusal.outcome, role: "stopped", detail: refusal.detail }]);
      }
      assertEquals(below.asked, []);
    });
  }

  for (const outcome of ["incomplete", "denied", "invalid", "unavailable"] as const) {
    const answer =
      { incomplete: PART, denied: denied("d"), invalid: invalid("i"), unavailable: unavailable("u") }[outcome];
    const option = `on${outcome[0]!.toUpperCase()}${outcome.slice(1)}`;

    Deno.test(`${option}: "next" asks the next store after a ${shape} store is ${outcome}, and allows a default, both degraded`, async () => {
      const { resolver } = chainOf(shape, answer, { [option]: "next" });
      const credential = await resolver.resolve("db:basic");
      assertEquals([credential.source, credential.degraded, credential.get("user")], ["lower", true, LOWER.user]);
      const alone = chainOf(shape, answer, { [option]: "next" }, {}).resolver;
      const given = await alone.resolve("db:basic", { default: DEFAULT });
      assertEquals([given.source, given.degraded], ["default", true]);
      assertEquals((await rejection(alone.resolve("db:basic"))).code, outcome);
    });

    Deno.test(`${option}: "stop" stops the walk after a ${shape} store is ${outcome}`, async () => {
      const { resolver, below } = chainOf(shape, answer, { [option]: "stop" });
      assertEquals((await rejection(resolver.resolve("db:basic", { default: DEFAULT }))).code, outcome);
      assertEquals(below.asked, []);
    });
  }
}

Deno.test("a part of an identity in variables degrades the credential, and is never combined with another store's part", async () => {
  const { resolver } = chainOf("variables", PART);
  const credential = await resolver.resolve("db:basic");
  assertEquals([credential.get("user"), credential.get("password")], [LOWER.user, LOWER.password]);
  assertEquals(credential.degraded, true);
  assertEquals(credential.trace[0]?.missing, ["password"]);
});

for (const shape of ["document", "token"] as const) {
  Deno.test(`a part of an identity in a ${shape} store stops the walk, and the error names what is missing`, async () => {
    const { resolver, below } = chainOf(shape, PART);
    const { code, missing, trace } = await rejection(resolver.resolve("db:basic", { default: DEFAULT }));
    const name = shape === "document" ? "db.json#password" : "password";
    assertEquals([code, missing, trace[0]?.outcome, trace[0]?.role], ["incomplete", [name], "incomplete", "stopped"]);
    assertEquals(below.asked, []);
  });
}

Deno.test("parts of an identity in two stores are not combined, and no default hides that", async () => {
  const { resolver } = chainOf("variables", PART, {}, { password: LOWER.password });
  const { code, trace } = await rejection(resolver.resolve("db:basic", { default: DEFAULT }));
  assertEquals([code, trace.map(({ outcome }) => outcome)], ["incomplete", ["incomplete", "incomplete"]]);
});

Deno.test("a default is never used during an outage, since it would be another identity", async () => {
  const { resolver } = chainOf("variables", unavailable("no connection"), {}, {});
  assertEquals((await rejection(resolver.resolve("db:basic", { default: DEFAULT }))).code, "unavailable");
  assertEquals((await rejection(resolver.find("db:basic"))).code, "unavailable");
});

Deno.test("the error of a walk is the gravest of several", async () => {
  const refusals = [denied("d"), invalid("i"), unavailable("u")];
  const order = ["denied", "invalid", "unavailable", "incomplete", "not_found"];
  const all = [...refusals, PART, undefined];
  for (const [gravest, graver] of all.entries()) {
    for (const lesser of all.slice(gravest)) {
      for (const [above, under] of [[graver, lesser], [lesser, graver]]) {
        const policies = { onIncomplete: "next", onDenied: "next", onInvalid: "next", onUnavailable: "next" } as const;
        const first = scriptedStore({ shape: document, answer: above });
        const second = scriptedStore({ shape: document, answer: under });
        const { resolver } = smallChain(
          { first: first.store({ priority: 2, ...policies }), second: second.store({ priority: 1, ...policies }) },
          { first: "a", second: "b" },
          { fields: LOGIN },
        );
        const { code } = await rejection(resolver.resolve("db:basic"));
        assertEquals(code, order[gravest]);
      }
    }
  }
});

Deno.test("the error for a look-up that throws blames the store, without quoting the thrown error", async () => {
  const store = scriptedStore({ shape: variables, answer: new Error("hunter2") });
  for (const later of [false, true]) {
    store.later = later;
    const { resolver } = smallChain({ own: store.store({ priority: 1 }) }, { own: { prefix: "" } });
    const error = await rejection(resolver.resolve("db:basic"));
    assertEquals(error.code, "invalid");
    assertEquals(
      error.message,
      'Cannot resolve "db:basic": "own" is invalid: its look-up threw: fix the store\'s code',
    );
    assertEquals(error.cause, undefined);
  }
});

Deno.test("a credential with anyOf needs one of these fields: another optional field alone is not enough", async () => {
  const store = scriptedStore({ shape: variables, answers: { note: "n" } });
  const chain = defineChain({
    stores: { own: store.store({ priority: 1, recheck: 0 }) },
    credentials: {
      "db:rest": {
        fields: { credential: optional(), token: optional(), note: optional() },
        anyOf: ["credential", "token"],
        from: { own: { prefix: "" } },
      },
    },
  });
  const resolver = createResolver(chain, testHost());
  const { code, missing } = await rejection(resolver.resolve("db:rest"));
  assertEquals([code, missing], ["incomplete", ["credential", "token"]]);
  store.answers.token = "t";
  assertEquals((await resolver.resolve("db:rest")).fields, ["token", "note"]);
});

Deno.test("the trace shows how long an asynchronous answer took", async () => {
  const slow = scriptedStore({
    shape: variables,
    answer: () => new Promise((resolve) => host.clock.after(40, () => resolve(undefined))),
  });
  const quick = scriptedStore({ shape: variables, answers: { user: "u" } });
  const stores = { slow: slow.store({ priority: 2 }), quick: quick.store({ priority: 1 }) };
  const { host, resolver } = smallChain(stores, { slow: { prefix: "" }, quick: { prefix: "" } });
  const pending = resolver.resolve("db:basic");
  await host.clock.advance(40);
  assertEquals((await pending).trace, [
    { store: "slow", outcome: "miss", role: "passed", ms: 40 },
    { store: "quick", outcome: "hit", role: "winner" },
  ]);
});

Deno.test("a look-up that exceeds its timeout is unavailable, and its signal is aborted", async () => {
  let signal: AbortSignal | undefined;
  const store = scriptedStore({
    shape: variables,
    answer: (_, context) => {
      signal = context.signal;
      return new Promise(() => {});
    },
  });
  for (const [options, timeout] of [[{}, 5_000], [{ timeout: 70 }, 70]] as const) {
    const { host, resolver } = smallChain({ own: store.store({ priority: 1, ...options }) }, { own: { prefix: "" } });
    const pending = rejection(resolver.resolve("db:basic"));
    await host.clock.advance(timeout - 1);
    assertEquals(signal?.aborted, false);
    await host.clock.advance(1);
    const { code, trace } = await pending;
    assertEquals([code, trace[0]?.detail, trace[0]?.ms], [
      "unavailable",
      `no answer within its timeout of ${timeout} ms`,
      timeout,
    ]);
    assertEquals(signal?.aborted, true);
    assertEquals(host.clock.timers, 0);
  }
});

Deno.test("the end of a caller's budget ends its wait, but not the flight that others share", async () => {
  const answer = Promise.withResolvers<string>();
  const store = scriptedStore({ shape: variables, answer: answer.promise });
  const { host, resolver } = smallChain({ own: store.store({ priority: 1, timeout: 60_000 }) }, {
    own: { prefix: "" },
  });
  const hasty = rejection(resolver.resolve("db:basic", { budget: 500 }));
  const usual = rejection(resolver.resolve("db:basic", { budget: 10_000 }));
  const patient = resolver.resolve("db:basic", { budget: 30_000 });
  await host.clock.advance(500);
  assertEquals([(await hasty).code, (await hasty).message], [
    "unavailable",
    'Cannot resolve "db:basic": no answer within the budget of 500 ms',
  ]);
  await host.clock.advance(9_500);
  assertEquals((await usual).code, "unavailable");
  answer.resolve("late");
  assertEquals((await patient).get("user"), "late");
  assertEquals(store.asked.length, 1);
  assertStrictEquals(await resolver.resolve("db:basic"), await patient);
});

Deno.test("an infinite timeout or budget does not end at once", async () => {
  const store = scriptedStore({
    shape: variables,
    answer: () => new Promise<string>((resolve) => setTimeout(resolve, 20, "late")),
  });
  const { chain } = smallChain({ own: store.store({ priority: 1, timeout: Infinity }) }, { own: { prefix: "" } });
  const credential = await createResolver(chain).resolve("db:basic", { budget: Infinity });
  assertEquals(credential.get("user"), "late");
});

Deno.test("a store that maps no field of anyOf never has the credential", async () => {
  const store = scriptedStore({ shape: document, answer: { note: "n" } });
  const chain = defineChain({
    stores: { own: store.store({ priority: 1 }) },
    credentials: {
      "db:rest": {
        fields: { credential: optional(), token: optional(), note: optional() },
        anyOf: ["credential", "token"],
        from: { own: { document: "db.json", fields: { note: "note" } } },
      },
    },
  });
  const { code, missing } = await rejection(createResolver(chain, testHost()).resolve("db:rest"));
  assertEquals([code, missing], ["incomplete", ["credential", "token"]]);
});

Deno.test("a field may have a name that every object inherits, whatever the store's shape", async () => {
  const values = { constructor: "c", toString: "t" };
  const stores = {
    texts: scriptedStore({ shape: variables, answers: values }),
    documents: scriptedStore({ shape: document, answer: values }),
    tokens: scriptedStore({ shape: token, answer: { values } }),
  };
  const mappings = {
    texts: { prefix: "" },
    documents: { document: "d", fields: { toString: "toString" } },
    tokens: { fields: {} },
  };
  const declared = { toString: optional(), constructor: optional() };
  for (const name of ["texts", "documents", "tokens"] as const) {
    const chain = {
      stores: { [name]: stores[name].store({ priority: 1 }) },
      credentials: { "db:odd": { fields: declared, from: { [name]: mappings[name] } } },
    };
    const found = await createResolver(chain as never, testHost()).find("db:odd" as never);
    const fields = { texts: ["toString", "constructor"], documents: ["toString"], tokens: undefined }[name];
    assertEquals((found as { fields: readonly string[] } | undefined)?.fields, fields);
  }
});

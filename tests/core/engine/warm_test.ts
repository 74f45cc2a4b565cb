import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import {
  createResolver,
  CredentialError,
  defineChain,
  env,
  flag,
  required,
  token,
  unavailable,
  variables,
  warm,
} from "../../../mod.ts";
import { scriptedStore, testHost, type TestHostOptions } from "../../../src/testing/mod.ts";
import { settled } from "../../support/fixtures/settled.ts";

const SECOND = 1_000;
const FIELDS = { value: required() };

/** A chain of one store that is asked over the network, and of the environment. */
function setUp(options: TestHostOptions = {}) {
  const remote = scriptedStore({ shape: variables, answers: {}, local: false });
  const chain = defineChain({
    stores: { remote: remote.store({ priority: 2, recheck: 60 * SECOND }), env: env({ priority: 1 }) },
    credentials: {
      "a:one": { fields: FIELDS, from: { remote: { prefix: "one_" } } },
      "a:two": { fields: FIELDS, from: { remote: { prefix: "two_" } } },
      "a:env": { fields: FIELDS, from: { env: { prefix: "ENV_" } } },
    },
  });
  const host = testHost({ env: { ENV_VALUE: "v" }, ...options });
  return { remote, host, resolver: createResolver(chain, host) };
}

/** A store that never answers, or does so after some milliseconds. */
const after = ({ clock }: ReturnType<typeof testHost>, ms: number) => () =>
  new Promise<string>((resolve) => void clock.after(ms, () => resolve("v")));
const never = () => new Promise<undefined>(() => {});

Deno.test("warm() resolves what is named, so that the first request waits for no store", async () => {
  const { remote, resolver } = setUp();
  Object.assign(remote.answers, { one_value: "v", two_value: "v" });
  assertEquals(await warm(resolver, ["a:one"]), []);
  assertEquals([resolver.peek("a:one")?.source, resolver.peek("a:two")], ["remote", undefined]);
  await resolver.resolve("a:one");
  assertEquals(remote.asked, ["one_value"]);
});

Deno.test("warm() gives what failed with its reason, in the order of the keys, and resolves the others all the same", async () => {
  const { remote, resolver } = setUp();
  remote.answers.one_value = () => unavailable("HTTP 503");
  const failed = await warm(resolver, ["a:two", "a:env", "a:one", "a:two"]);
  assertEquals(failed.map(({ key, error }) => [key, error.code, error.key]), [
    ["a:two", "not_found", "a:two"],
    ["a:one", "unavailable", "a:one"],
  ]);
  for (const { error } of failed) assertInstanceOf(error, CredentialError);
  assertEquals(resolver.peek("a:env")?.source, "env");
});

Deno.test("warm() resolves side by side: what takes a second each takes a second in all", async () => {
  const { remote, host, resolver } = setUp();
  Object.assign(remote.answers, { one_value: after(host, SECOND), two_value: after(host, SECOND) });
  const warmed = settled(warm(resolver));
  await host.clock.advance(SECOND - 1);
  assertEquals(warmed.value, undefined);
  await host.clock.advance(1);
  assertEquals(warmed.value, []);
});

Deno.test("warm() ends within one budget, and what was late is held by whoever asks next", async () => {
  const { remote, host, resolver } = setUp();
  Object.assign(remote.answers, { one_value: after(host, SECOND), two_value: never });
  const warmed = settled(warm(resolver, undefined, { budget: 800 }));
  await host.clock.advance(800);
  assertEquals(warmed.value?.map(({ error }) => error.message), [
    'Cannot resolve "a:one": no answer within the budget of 800 ms',
    'Cannot resolve "a:two": no answer within the budget of 800 ms',
  ]);
  await host.clock.advance(200);
  assertEquals(await warm(resolver, ["a:one"]), []);
  assertEquals(remote.asked, ["one_value", "two_value"]);
});

Deno.test("warm() without a budget waits as long as any other caller does", async () => {
  const { remote, host, resolver } = setUp();
  remote.answers.one_value = never;
  const warmed = settled(warm(resolver, ["a:one"]));
  await host.clock.advance(5 * SECOND - 1);
  assertEquals(warmed.value, undefined);
  await host.clock.advance(1);
  assertEquals(warmed.value?.map(({ error }) => error.code), ["unavailable"]);
});

Deno.test("warm() rejects with the reason of its signal, and lets what others wait for go on", async () => {
  const { remote, host, resolver } = setUp();
  remote.answers.one_value = after(host, SECOND);
  const aborted = AbortSignal.abort(new Error("shut down"));
  await assertRejects(() => warm(resolver, ["a:one"], { signal: aborted }), Error, "shut down");
  assertEquals(remote.asked, []);
  const controller = new AbortController();
  const other = settled(resolver.resolve("a:one"));
  const warming = warm(resolver, ["a:one", "a:env"], { signal: controller.signal });
  controller.abort(new Error("shut down"));
  await assertRejects(() => warming, Error, "shut down");
  await host.clock.advance(SECOND);
  assertEquals([other.value?.source, remote.asked.length], ["remote", 1]);
});

Deno.test("warm() rejects an unknown key before it asks a store, since that is a mistake in the program", async () => {
  const { remote, resolver } = setUp();
  const error = await assertRejects(() => warm(resolver, ["a:one", "a:tow" as never]), CredentialError);
  assertEquals([error.code, remote.asked.length], ["unknown_key", 0]);
  assertStringIncludes(error.message, 'did you mean "a:two"?');
});

Deno.test("warm() rejects a budget that is not one, since that is a mistake in the program", async () => {
  const { remote, resolver } = setUp();
  remote.answers.one_value = never;
  await assertRejects(() => warm(resolver, ["a:one"], { budget: -1 }), TypeError, "Expected a budget");
});

Deno.test("warm() of a resolver that is disposed of gives each credential as closed", async () => {
  const { resolver } = setUp();
  await resolver[Symbol.asyncDispose]();
  for (const keys of [["a:one", "a:two", "a:env"], undefined] as const) {
    assertEquals((await warm(resolver, keys)).map(({ error }) => error.code), ["closed", "closed", "closed"]);
  }
});

/** A chain with a switch, off, and what only stores behind it serve or need. */
function switched(options: TestHostOptions) {
  const chain = defineChain({
    stores: {
      m2m: scriptedStore({ shape: token, needs: ["client"], answer: { values: { value: "v" }, expiresIn: 60 } })
        .store({ priority: 2, enabled: flag("M2M"), client: "m2m:client" }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "m2m:client": { fields: FIELDS, from: { env: { prefix: "CLIENT_" } } },
      "only:m2m": { fields: FIELDS, from: { m2m: true } },
      "either:way": { fields: FIELDS, from: { m2m: true, env: { prefix: "EITHER_" } } },
    },
  });
  return createResolver(chain, testHost(options));
}

Deno.test("warm() without keys resolves all, and what only stores that are off serve or need counts for nothing", async () => {
  const failing = async (options: TestHostOptions) => (await warm(switched(options))).map(({ key }) => key);
  assertEquals(await failing({}), ["either:way"]);
  assertEquals(await failing({ env: { EITHER_VALUE: "v" } }), []);
  assertEquals(await failing({ env: { M2M: "true", CLIENT_VALUE: "v" } }), []);
  const named = await warm(switched({ env: { EITHER_VALUE: "v" } }), ["only:m2m"]);
  assertEquals(named.map(({ key, error }) => [key, error.code]), [["only:m2m", "not_found"]]);
});

Deno.test("warm() resolves what a store that is off would need, since an application may use it too", async () => {
  const resolver = switched({ env: { CLIENT_VALUE: "v", EITHER_VALUE: "v" } });
  assertEquals(await warm(resolver), []);
  assertEquals(resolver.peek("m2m:client")?.source, "env");
});

Deno.test("warm() gives no secret in what failed", async () => {
  const { remote, resolver } = setUp();
  remote.answers.one_value = () => {
    throw new Error("hunter2");
  };
  const failed = await warm(resolver, ["a:one"]);
  assertEquals(failed.length, 1);
  assert(!`${failed[0]!.error} ${JSON.stringify(failed)}`.includes("hunter2"));
});

import { assert, assertEquals } from "@std/assert";
import { context, type Tracer } from "npm:@opentelemetry/api@^1.10.0";
import { AsyncLocalStorageContextManager } from "npm:@opentelemetry/context-async-hooks@^3.1.1";
import { createResolver, defineChain, denied, required, setting, token, variables } from "../../mod.ts";
import { instrument, type TracerLike } from "../../src/otel/mod.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { telemetry } from "../support/otel/telemetry.ts";

const KEY = "polaris:rest";
const TOKEN = "planted-token";

/** Creates a resolver whose token takes two seconds. */
function slowToken() {
  const host = testHost();
  const script = scriptedStore({ shape: token });
  const settings = scriptedStore({ shape: variables, answer: "eu" });
  script.answer = async () => {
    await new Promise<void>((resolve) => void host.clock.after(2_000, resolve));
    return { values: { token: TOKEN }, expiresIn: 3_600 };
  };
  const chain = defineChain({
    stores: { m2m: script.store({ priority: 2 }), settings: settings.store({ priority: 1, recheck: 1_000 }) },
    credentials: {
      [KEY]: {
        fields: { token: required(), region: setting() },
        from: { m2m: { fields: { token: "token" } }, settings: { fields: { region: "REGION" } } },
      },
    },
  });
  return { host, script, resolver: createResolver(chain, host) };
}

const milliseconds = ([seconds, nanoseconds]: readonly [number, number]) => seconds * 1_000 + nanoseconds / 1e6;

Deno.test("a walk is a span as long as its stores were waited for, with the answer of each, and a warm resolve is none", async () => {
  await using sdk = telemetry();
  const { host, resolver } = slowToken();
  const began = host.clock.now();
  using _ = instrument(resolver, { meter: sdk.meter, tracer: sdk.tracer });
  const resolved = resolver.resolve(KEY);
  await host.clock.advance(2_000);
  await resolved;
  await resolver.resolve(KEY);
  const [span, ...more] = sdk.spans();
  assertEquals([span!.name, more], ["credential.walk", []]);
  assertEquals([milliseconds(span!.startTime) - began, milliseconds(span!.endTime) - began], [0, 2_000]);
  assertEquals(span!.attributes, {
    "credential.key": KEY,
    "credential.outcome": "found",
    "credential.source": "m2m",
  });
  assertEquals(
    span!.events.map(({ name, attributes, time }) => ({ name, attributes, at: milliseconds(time) - began })),
    [
      { name: "credential.answer", attributes: { "credential.source": "m2m", "credential.outcome": "hit" }, at: 2_000 },
      {
        name: "credential.answer",
        attributes: { "credential.source": "settings", "credential.outcome": "hit" },
        at: 2_000,
      },
    ],
  );
  const { attributes, events, status } = span!;
  assert(!JSON.stringify({ attributes, events, status }).includes(TOKEN));
});

Deno.test("a walk that reads a setting again does not count the time of the token that is held", async () => {
  await using sdk = telemetry();
  const { host, resolver } = slowToken();
  const resolved = resolver.resolve(KEY);
  await host.clock.advance(2_000);
  await resolved;
  using _ = instrument(resolver, { meter: sdk.meter, tracer: sdk.tracer });
  await host.clock.advance(1_000);
  await resolver.resolve(KEY);
  const spans = sdk.spans().map(({ startTime, endTime }) => milliseconds(endTime) - milliseconds(startTime));
  assertEquals(spans, [0]);
});

Deno.test("the span of a walk that failed is an error with its code, and a tracer that throws changes nothing", async () => {
  await using sdk = telemetry();
  const { script, resolver } = slowToken();
  script.answer = denied("the client was refused");
  const broken: TracerLike = {
    startSpan() {
      throw new Error("the exporter is away");
    },
  };
  using _ = instrument(resolver, { meter: sdk.meter, tracer: sdk.tracer });
  using __ = instrument(resolver, { meter: sdk.meter, tracer: broken });
  await rejection(resolver.resolve(KEY));
  const [span] = sdk.spans();
  assertEquals(span!.status, { code: 2, message: "denied" });
  assertEquals(span!.attributes, {
    "credential.key": KEY,
    "credential.outcome": "failed",
    "error.type": "denied",
  });
  assertEquals((await sdk.series())["walks key=polaris:rest,outcome=failed,error.type=denied"], 2);
});

Deno.test("the span of a walk is below the span of the request that waited for it", async () => {
  await using sdk = telemetry();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  try {
    const { host, resolver } = slowToken();
    const tracer: Tracer = sdk.tracer;
    using _ = instrument(resolver, { meter: sdk.meter, tracer });
    await tracer.startActiveSpan("GET", async (request) => {
      const resolved = resolver.resolve(KEY);
      await host.clock.advance(2_000);
      await resolved;
      request.end();
    });
    const [walk, request] = sdk.spans();
    assertEquals([walk!.name, request!.name], ["credential.walk", "GET"]);
    assertEquals(walk!.parentSpanContext?.spanId, request!.spanContext().spanId);
  } finally {
    context.disable();
  }
});

Deno.test("the span of a walk that is over after its resolver was disposed of is of that time, not of 1970", async () => {
  await using sdk = telemetry();
  const { host, resolver } = slowToken();
  const began = host.clock.now();
  using _ = instrument(resolver, { meter: sdk.meter, tracer: sdk.tracer });
  const failed = rejection(resolver.resolve(KEY));
  const closed = resolver[Symbol.asyncDispose]();
  await host.clock.advance(2_000);
  await Promise.all([failed, closed]);
  const [span] = sdk.spans();
  assertEquals([milliseconds(span!.startTime) - began, milliseconds(span!.endTime) - began], [0, 2_000]);
  assertEquals(span!.events.map(({ attributes }) => attributes?.["credential.source"]), ["m2m", "settings"]);
});

Deno.test("each of two walks of a key in one call is a span of its own time: that of the refused login, and of the next", async () => {
  await using sdk = telemetry();
  const host = testHost();
  const began = host.clock.now();
  let minted = 0;
  const logins = scriptedStore({ shape: token });
  logins.answer = async () => {
    const number = ++minted;
    await new Promise<void>((resolve) => void host.clock.after(number * 1_000, resolve));
    return { values: { token: `login ${number}` }, expiresIn: 3_600 };
  };
  const keys = scriptedStore<"token", "login">({ shape: token, needs: ["login"] });
  keys.answer = async (_, { need }) => {
    const login = await need("login");
    if (login.get("token") === "login 1") return denied("the login was refused", { need: "login" });
    return { values: { key: TOKEN }, expiresIn: 3_600 };
  };
  const chain = defineChain({
    stores: { logins: logins.store({ priority: 2 }), keys: keys.store({ priority: 1, login: "a:login" }) },
    credentials: {
      "a:login": { fields: { token: required() }, from: { logins: true } },
      "a:keys": { fields: { key: required() }, from: { keys: true } },
    },
  });
  const resolver = createResolver(chain, host);
  using _ = instrument(resolver, { meter: sdk.meter, tracer: sdk.tracer });
  const resolved = resolver.resolve("a:keys");
  await host.clock.advance(1_000);
  await host.clock.advance(2_000);
  await resolved;
  const times = sdk.spans().filter(({ attributes }) => attributes["credential.key"] === "a:login")
    .map(({ startTime, endTime }) => [milliseconds(startTime) - began, milliseconds(endTime) - began]);
  assertEquals(times, [[0, 1_000], [1_000, 3_000]]);
});

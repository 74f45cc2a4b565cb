import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  createResolver,
  defineChain,
  denied,
  env,
  type LogEvent,
  memory,
  required,
  token,
  unavailable,
} from "../../mod.ts";
import { instrument, type MeterLike } from "../../src/otel/mod.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { telemetry } from "../support/otel/telemetry.ts";
import { Fleet } from "../support/share/fleet.ts";

const KEY = "polaris:rest";
const TOKEN = "planted-token";
const HOUR = 3_600_000;

function tokenChain(log?: (event: LogEvent) => void) {
  const script = scriptedStore({ shape: token });
  const chain = defineChain({
    stores: { m2m: script.store({ priority: 2 }), env: env({ priority: 1 }) },
    credentials: {
      [KEY]: { fields: { token: required() }, from: { m2m: true, env: { prefix: "POLARIS_" } } },
    },
  });
  const { log: _, ...host } = testHost();
  script.answer = { values: { token: TOKEN }, expiresIn: 3_600 };
  return { script, host, resolver: createResolver(chain, { ...host, ...(log && { log }) }) };
}

Deno.test("a cold walk counts once, and a thousand warm resolves count nothing", async () => {
  await using sdk = telemetry();
  const { resolver } = tokenChain();
  using _ = instrument(resolver, { meter: sdk.meter });
  await resolver.resolve(KEY);
  const cold = await sdk.series();
  assertEquals(cold, {
    "walks key=polaris:rest,outcome=found,source=m2m": 1,
    "renewals outcome=renewed,source=m2m": 1,
    "expiry key=polaris:rest": 3_600,
  });
  for (let at = 0; at < 1_000; at++) await resolver.resolve(KEY);
  assertEquals(await sdk.series(), cold);
});

Deno.test("renewals and their failures, what serves meanwhile, and a walk that stops, are counted with their codes", async () => {
  await using sdk = telemetry();
  const { script, host, resolver } = tokenChain();
  using _ = instrument(resolver, { meter: sdk.meter });
  await resolver.resolve(KEY);
  await host.clock.advance(HOUR);
  await resolver.resolve(KEY);
  script.answer = unavailable("HTTP 503");
  host.env.POLARIS_TOKEN = TOKEN;
  await host.clock.advance(HOUR);
  await resolver.resolve(KEY);
  script.answer = denied("the client was refused");
  await host.clock.advance(15_000);
  await rejection(resolver.resolve(KEY));
  assertEquals(await sdk.series(), {
    "walks key=polaris:rest,outcome=found,source=m2m": 2,
    "walks key=polaris:rest,outcome=degraded,source=env": 1,
    "walks key=polaris:rest,outcome=failed,error.type=denied": 1,
    "renewals outcome=renewed,source=m2m": 2,
    "renewals outcome=failed,source=m2m,error.type=unavailable": 1,
    "renewals outcome=failed,source=m2m,error.type=denied": 1,
  });
});

Deno.test("a walk after which a caller takes its default is counted as one that found nothing", async () => {
  await using sdk = telemetry();
  const { script, resolver } = tokenChain();
  using _ = instrument(resolver, { meter: sdk.meter });
  script.answer = undefined;
  assertEquals((await resolver.resolve(KEY, { default: { token: TOKEN } })).source, "default");
  assertEquals(await sdk.series(), { "walks key=polaris:rest,outcome=failed,error.type=not_found": 1 });
});

Deno.test("a fleet's tokens are counted where they were obtained, where they were received, and without the engine", async () => {
  await using sdk = telemetry();
  const fleet = new Fleet();
  const [first, second, third] = fleet.add(3);
  using _ = instrument(first!.resolver, { meter: sdk.meter });
  await fleet.tokens([first!]);
  const tokens = async () =>
    Object.fromEntries(Object.entries(await sdk.series()).filter(([name]) => /^(mints|receipts|renewals)/.test(name)));
  assertEquals(await tokens(), { "mints shared=minted,source=m2m": 1, "renewals outcome=renewed,source=m2m": 1 });
  using _second = instrument(second!.resolver, { meter: sdk.meter });
  await fleet.tokens([second!]);
  assertEquals(await tokens(), {
    "mints shared=minted,source=m2m": 1,
    "receipts source=m2m": 1,
    "renewals outcome=renewed,source=m2m": 2,
  });
  fleet.register.fault = () => ({ refused: new Error("ECONNREFUSED") });
  using _third = instrument(third!.resolver, { meter: sdk.meter });
  await fleet.tokens([third!]);
  assertEquals((await tokens())["mints shared=alone,source=m2m"], 1);
});

Deno.test("the expiry is the seconds that are left, 0 after it and where a token was lost, and absent for what does not expire", async () => {
  await using sdk = telemetry();
  const { script, host, resolver } = tokenChain();
  using _ = instrument(resolver, { meter: sdk.meter });
  const name = "expiry key=polaris:rest";
  assertEquals(await sdk.series(), {});
  await resolver.resolve(KEY);
  await host.clock.advance(600_500);
  assertEquals((await sdk.series())[name], 2_999.5);
  await host.clock.advance(HOUR);
  assertEquals((await sdk.series())[name], 0);
  await resolver.resolve(KEY);
  assertEquals((await sdk.series())[name], 3_600);
  script.answer = denied("the client was refused");
  resolver.invalidate(KEY);
  await rejection(resolver.resolve(KEY));
  assertEquals((await sdk.series())[name], 0);

  const still = createResolver(defineChain({
    stores: { memory: memory({ priority: 1, values: { TOKEN } }) },
    credentials: { "a:b": { fields: { token: required() }, from: { memory: { fields: { token: "TOKEN" } } } } },
  }));
  using _still = instrument(still, { meter: sdk.meter });
  await still.resolve("a:b");
  const series = await sdk.series();
  assertEquals([series["walks key=a:b,outcome=found,source=memory"], series["expiry key=a:b"]], [1, undefined]);
});

Deno.test("once it is disposed of, nothing is counted, and the expiry is reported no more", async () => {
  await using sdk = telemetry();
  const { host, resolver } = tokenChain();
  {
    using _ = instrument(resolver, { meter: sdk.meter });
    await resolver.resolve(KEY);
  }
  await host.clock.advance(HOUR);
  await resolver.resolve(KEY);
  assertEquals(await sdk.series(), {
    "walks key=polaris:rest,outcome=found,source=m2m": 1,
    "renewals outcome=renewed,source=m2m": 1,
  });
});

Deno.test("a resolver that is disposed of is reported no more, and the meter goes on", async () => {
  await using sdk = telemetry();
  const { resolver } = tokenChain();
  using _ = instrument(resolver, { meter: sdk.meter });
  await resolver.resolve(KEY);
  await resolver[Symbol.asyncDispose]();
  assertEquals(Object.keys(await sdk.series()).filter((each) => each.startsWith("expiry")), []);
});

Deno.test("the log of the host gets every event beside the meter", async () => {
  await using sdk = telemetry();
  const events: string[] = [];
  const { resolver } = tokenChain(({ type }) => events.push(type));
  using _ = instrument(resolver, { meter: sdk.meter });
  await resolver.resolve(KEY);
  assertEquals(events, ["renewed", "walk"]);
  assertEquals((await sdk.series())["walks key=polaris:rest,outcome=found,source=m2m"], 1);
});

Deno.test("a meter that throws at every measurement costs no caller its credential", async () => {
  const throws = () => {
    throw new Error("the meter fails");
  };
  const meter: MeterLike = {
    createCounter: () => ({ add: throws }),
    createObservableGauge: () => ({ addCallback: () => {}, removeCallback: () => {} }),
  };
  const { resolver } = tokenChain();
  using _ = instrument(resolver, { meter });
  assertEquals((await resolver.resolve(KEY)).get("token"), TOKEN);
});

Deno.test("what is not a resolver is refused", async () => {
  await using sdk = telemetry();
  assertThrows(() => instrument({}, { meter: sdk.meter }), TypeError, "Expected a resolver");
});

Deno.test("an instrumented resolver returns the held promise itself, as one without", async () => {
  await using sdk = telemetry();
  const { resolver } = tokenChain();
  using _ = instrument(resolver, { meter: sdk.meter });
  await resolver.resolve(KEY);
  assertStrictEquals(resolver.resolve(KEY), resolver.resolve(KEY));
});

Deno.test("no value is in what is exported, whatever happened", async () => {
  await using sdk = telemetry();
  const { script, host, resolver } = tokenChain();
  using _ = instrument(resolver, { meter: sdk.meter });
  await resolver.resolve(KEY);
  host.env.POLARIS_TOKEN = TOKEN;
  script.answer = unavailable("HTTP 503");
  await host.clock.advance(HOUR);
  await resolver.resolve(KEY);
  const exported = JSON.stringify(await sdk.collect()) + await sdk.prometheus();
  assert(exported.includes("polaris:rest"));
  assertEquals(exported.includes(TOKEN), false);
});

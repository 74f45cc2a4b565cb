import { assertEquals } from "@std/assert";
import { defineStore, fromEnv, token } from "../../../mod.ts";
import { access } from "../../../src/core/engine/access.ts";
import { explain } from "../../../src/report/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { machine, machines } from "../../support/tokens/machine.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const sharing = defineStore({
  kind: "own",
  shape: token,
  share: "1",
  open: () => () => ({ values: { token: "own" }, expiresIn: 3_600 }),
});

Deno.test("the trace and the log say how the token that answers was obtained, also while it is held", async () => {
  const { a, b } = machines();
  for (const [{ resolver, events }, shared] of [[a, "minted"], [b, "received"]] as const) {
    const { trace } = await resolver.resolve("a:token");
    assertEquals(trace.map((step) => step.shared), [shared]);
    await resolver.resolve("b:token");
    resolver.invalidate("m2m:client");
    assertEquals((await resolver.resolve("a:token")).trace.map((step) => step.shared), [shared]);
    assertEquals(
      events.filter(({ type }) => type === "renewed").slice(0, 1).map(({ store, shared }) => [store, shared]),
      [["m2m", shared]],
    );
    assertEquals(
      resolver.describe().credentials.find(({ key }) => key === "b:token")!.last!.trace[0]!.shared,
      undefined,
    );
  }
});

Deno.test("a caller waits 15 seconds for what is shared and for what stands on it, and 10 for the rest", () => {
  for (const [store, seconds] of [[{}, 15], [{ timeout: MINUTE }, 70]] as const) {
    const { credentials } = access(machines({ store }).a.resolver).plan;
    const budgets = ["a:token", "b:token", "m2m:client"].map((key) => credentials.get(key)!.budget / SECOND);
    assertEquals(budgets, [seconds, seconds, 10]);
  }
});

Deno.test("disposing of a resolver closes what its stores share by, once it was used", async () => {
  for (const isUsed of [true, false]) {
    const { register, a: { resolver } } = machines();
    if (isUsed) await resolver.resolve("a:token");
    await resolver[Symbol.asyncDispose]();
    assertEquals([register.opened, register.closed], isUsed ? [1, 1] : [0, 0]);
  }
});

Deno.test("a principal is read with the other options of its store, and shown among its references", async () => {
  const principal = fromEnv("FLEET_NAME");
  const { register, server, clock, a: { resolver } } = machines({ share: { principal } });
  assertEquals((await rejection(resolver.resolve("a:token"))).message.includes("FLEET_NAME is not set"), true);
  const store = resolver.describe().stores[1]!;
  assertEquals([store.state, store.reason], ["invalid", "FLEET_NAME is not set"]);
  assertEquals(store.references, [{ option: "share.principal", variable: "FLEET_NAME", set: false }]);
  const named = { "fleet": "token-1", "another": "token-2" };
  for (const [name, token] of Object.entries(named)) {
    const common = { register, server, clock };
    const read = machine({ ...common, share: { principal }, host: { env: { FLEET_NAME: name } } });
    assertEquals((await read.resolver.resolve("a:token")).get("token"), token);
    const written = machine({ ...common, share: { principal: name } });
    assertEquals((await written.resolver.resolve("a:token")).get("token"), token);
  }
});

Deno.test("a store that is uninstalled closes what it shares by", async () => {
  const { register, a: { resolver } } = machines();
  const store = sharing({ priority: 9, share: register.engine()({ seal: "fleet:seal" }) });
  const installed = resolver.install("own", store, { "a:token": true });
  assertEquals((await resolver.resolve("a:token")).get("token"), "own");
  installed[Symbol.dispose]();
  assertEquals((await resolver.resolve("a:token")).get("token"), "token-1");
  assertEquals([register.opened, register.closed], [2, 1]);
});

Deno.test("a description says how a store shares, also before it was asked and while it is off", async () => {
  const { a: { resolver } } = machines();
  const shares = () => resolver.describe().stores.map(({ name, share }) => [name, share?.engine, share?.state]);
  const others = [["exchange", undefined, undefined], ["local", undefined, undefined]];
  assertEquals(shares(), [others[0], ["m2m", "memory", undefined], others[1]]);
  await resolver.resolve("a:token");
  assertEquals(shares(), [others[0], ["m2m", "memory", "on"], others[1]]);
  const off = machine({ store: { enabled: false } });
  assertEquals(off.resolver.describe().stores[1]!.share?.engine, "memory");
});

Deno.test("an explanation asks the server for itself, and leaves nothing with the fleet", async () => {
  const { register, server, a: { resolver } } = machines();
  const { trace } = await explain(resolver, "a:token", { live: true });
  assertEquals(trace.map(({ outcome, shared }) => [outcome, shared]), [["hit", undefined]]);
  assertEquals([register.calls.length, register.texts.size, server.requests], [0, 0, 1]);
  await resolver.resolve("a:token");
  assertEquals((await explain(resolver, "a:token")).trace.map(({ shared }) => shared), ["minted"]);
});

Deno.test("an engine is asked once on demand, also of a store that was not asked, and not of one that is off", async () => {
  const { register, a: { resolver } } = machines();
  const asked = () => register.calls.length;
  assertEquals(await access(resolver).askEngine("m2m"), undefined);
  assertEquals([await access(resolver).askEngine("local"), asked()], [undefined, 1]);
  const off = machine({ register, store: { enabled: false } });
  assertEquals([await access(off.resolver).askEngine("m2m"), asked()], [undefined, 1]);
});

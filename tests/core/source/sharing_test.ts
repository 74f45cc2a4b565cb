import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { denied, unavailable } from "../../../mod.ts";
import type { Need } from "../../../src/core/source/answer.ts";
import { originOf } from "../../../src/share/entry/origin.ts";
import type { ShareEngine } from "../../../src/core/source/sharing.ts";
import type { Deps } from "../../../src/core/source/source.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { until } from "../../support/share/drive.ts";
import { gate } from "../../support/tokens/minted.ts";
import { machine, type MachineOptions, machines, OTHER_SEAL } from "../../support/tokens/machine.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

Deno.test("a token that another machine obtained is used until its own expiry, and costs no request", async () => {
  const { server, clock, a, b } = machines();
  const minted = await a.resolver.resolve("a:token");
  await clock.advance(10 * MINUTE);
  const received = await b.resolver.resolve("a:token");
  assertEquals([received.get("token"), received.expiresAt], ["token-1", minted.expiresAt]);
  assertEquals(received.degraded, false);
  assertEquals(server.requests, 1);
});

Deno.test("without the seal a token is obtained alone, and the trace says so", async () => {
  const { a } = machines();
  a.local.answers.seal = unavailable("away");
  assertEquals((await a.resolver.resolve("a:token")).trace.map((step) => step.shared), ["alone"]);
});

Deno.test("a token that was received counts as obtained with this machine's needs, and is replaced once they are rotated", async () => {
  const { server, a, b } = machines();
  await a.resolver.resolve("a:token");
  const received = await b.resolver.resolve("a:token");
  b.local.answers.secret = "rotated";
  b.resolver.invalidate("m2m:client");
  assertEquals((await b.resolver.resolve("a:token")).get("token"), "token-2");
  assertEquals(server.secrets, ["not-a-secret", "rotated"]);
  assertEquals(server.reasons, ["first", "need"]);
  assertNotStrictEquals(await b.resolver.resolve("a:token"), received);
  assertEquals((await a.resolver.resolve("a:token")).get("token"), "token-1");
});

Deno.test("a rotated seal costs one more request, and what stands on the token is not replaced", async () => {
  const { server, a, b } = machines();
  for (const { resolver } of [a, b]) await resolver.resolve("b:token");
  for (const { local, resolver } of [a, b]) {
    local.answers.seal = OTHER_SEAL;
    resolver.invalidate("fleet:seal");
    assertEquals((await resolver.resolve("a:token")).get("token"), "token-2");
    assertEquals((await resolver.resolve("b:token")).get("token"), "by token-1");
  }
  assertEquals(server.reasons, ["first", "need"]);
});

for (const [state, answer] of [["unavailable", unavailable("away")], ["denied", denied("sealed")]] as const) {
  Deno.test(`a seal that is ${state} leaves the held token as it is, and is not looked for at each call`, async () => {
    const { clock, server, a: { register, local, resolver } } = machines();
    const token = await resolver.resolve("a:token");
    local.answers.seal = answer;
    resolver.invalidate("fleet:seal");
    assertStrictEquals(await resolver.resolve("a:token"), token);
    assertEquals([token.degraded, server.requests, register.count("get")], [false, 1, 1]);
    const before = local.asked.length;
    for (let call = 0; call < 100; call++) await resolver.resolve("a:token");
    assertEquals(local.asked.length, before);
    local.answers.seal = OTHER_SEAL;
    await clock.advance(5 * SECOND);
    assertEquals((await resolver.resolve("a:token")).get("token"), "token-2");
  });
}

Deno.test("another credential of the engine leaves the token as it is", async () => {
  const { register, a: { local, resolver } } = machines();
  const token = await resolver.resolve("a:token");
  local.answers.engine = "another";
  resolver.invalidate("fleet:engine");
  assertStrictEquals(await resolver.resolve("a:token"), token);
  assertEquals(register.count("get"), 1);
});

Deno.test("a token that a service refused is replaced by one that another machine obtained meanwhile, or else by one more request", async () => {
  const { server, a, b } = machines();
  for (const { resolver } of [a, b]) await resolver.resolve("a:token");
  for (const [{ resolver }, shared] of [[a, "minted"], [b, "received"]] as const) {
    resolver.invalidate("a:token");
    const token = await resolver.resolve("a:token");
    assertEquals([token.get("token"), token.trace[0]!.shared], ["token-2", shared]);
  }
  assertEquals(server.reasons, ["first", "refused"]);
});

Deno.test("tokens that are refused in a row are kept for as long as the fleet counts them, degraded", async () => {
  const { server, clock, a, b } = machines();
  await a.resolver.resolve("a:token");
  a.resolver.invalidate("a:token");
  await a.resolver.resolve("a:token");
  assertEquals((await b.resolver.resolve("a:token")).degraded, false);
  b.resolver.invalidate("a:token");
  assertEquals((await b.resolver.resolve("a:token")).degraded, true);
  await clock.advance(5 * SECOND - 1);
  assertEquals(server.requests, 2);
  await clock.advance(1);
  assertEquals((await b.resolver.resolve("a:token")).get("token"), "token-3");
});

/** Creates two machines that hold a token, and a server that answers the second one's renewal when it is opened. */
async function renewing(options: MachineOptions = {}) {
  const chance = { next: 0 };
  const host = { random: () => chance.next };
  const both = machines({ store: { timeout: MINUTE }, ...options, host });
  const { clock, server, register, a, b } = both;
  const token = await a.resolver.resolve("a:token");
  await b.resolver.resolve("a:token");
  const looks = () => register.calls.filter(({ op, machine }) => op === "get" && machine === "a").length;
  /** Has the second machine begin to renew it. */
  const begin = async () => {
    const { opened, open } = gate();
    server.gate = () => opened;
    void b.resolver.resolve("a:token");
    await clock.advance(0);
    assertEquals(server.requests, 2);
    // Hint: a machine that keeps its token looks again after 1 to 5 s.
    chance.next = 0.5;
    return open;
  };
  return { ...both, token, looks, begin };
}

Deno.test("while another machine renews it the held token is the same object, and is looked at again when that was said", async () => {
  const { server, clock, token, looks, begin, a: { resolver } } = await renewing();
  await clock.advance(46 * MINUTE);
  const open = await begin();
  for (let look = 2; look < 10; look++) {
    for (let call = 0; call < 50; call++) assertStrictEquals(await resolver.resolve("a:token"), token);
    assertEquals([looks(), server.requests], [look, 2]);
    await clock.advance(3 * SECOND);
  }
  assertEquals([token.degraded, resolver.describe().credentials[3]!.held!.degraded], [false, false]);
  open();
  await clock.advance(0);
  assertEquals((await resolver.resolve("a:token")).get("token"), "token-2");
  assertEquals(server.requests, 2);
});

Deno.test("a token that is kept for another machine's is not kept beyond its mandatory window", async () => {
  const { server, clock, looks, begin, a: { resolver } } = await renewing();
  await clock.advance(59 * MINUTE - 1);
  const open = await begin();
  assertEquals((await resolver.resolve("a:token")).get("token"), "token-1");
  assertEquals([looks(), server.requests], [2, 2]);
  await clock.advance(1);
  const next = resolver.resolve("a:token");
  await clock.advance(0);
  assertEquals(looks(), 3);
  open();
  assertEquals((await until(clock, next)).get("token"), "token-2");
});

Deno.test("a token that was refused while another machine renews it is not given again", async () => {
  const { server, register, clock, token, begin, a: { resolver } } = await renewing({ share: { timeout: 2 * SECOND } });
  await clock.advance(46 * MINUTE);
  const open = await begin();
  register.fault = ({ machine }) => machine === "a" ? { there: SECOND } : undefined;
  const looking = resolver.resolve("a:token");
  await clock.advance(0);
  resolver.invalidate(token);
  await clock.advance(3 * SECOND);
  open();
  assertEquals((await until(clock, looking)).get("token"), "token-2");
  assertEquals(server.reasons, ["first", "due"], "a reason stays until a token is obtained");
});

Deno.test("each machine has its own look time within the first half of the advisory window, and its own mandatory window", async () => {
  for (const [place, looksAt, mustAt] of [[0, 45 * MINUTE, 59 * MINUTE], [0.5, 48.75 * MINUTE, 58.75 * MINUTE]]) {
    for (
      const [at, runs, served] of [[looksAt! - 1, 1, "token-1"], [looksAt!, 2, "token-1"], [mustAt!, 2, "token-2"]]
    ) {
      const { server, register, clock, a: { resolver } } = machines({ host: { random: () => place! } });
      await resolver.resolve("a:token");
      await clock.advance(at as number);
      server.gate = () => new Promise<void>((resolve) => clock.after(SECOND, resolve));
      void resolver.resolve("a:token");
      await clock.advance(0);
      const second = resolver.resolve("a:token");
      await clock.advance(2 * SECOND);
      assertEquals(
        [(await second).get("token"), register.count("get")],
        [served as string, runs as number],
        `${place} ${at}`,
      );
    }
  }
});

Deno.test("ten thousand callers on one machine are one question to the fleet", async () => {
  const { register, server, a: { resolver } } = machines();
  const all = await Promise.all(Array.from({ length: 10_000 }, () => resolver.resolve("a:token")));
  assert(all.every((one) => one === all[0]));
  assertEquals([register.count("get"), server.requests], [1, 1]);
});

Deno.test("a store's timeout counts the request alone, and not what is waited for other machines", async () => {
  const share = { timeout: 10 * SECOND };
  const { register, server, clock, a: { resolver } } = machines({ share, store: { timeout: 2 * SECOND } });
  register.fault = ({ op }) => op === "get" ? { there: 9 * SECOND } : undefined;
  const waited = resolver.resolve("a:token");
  await clock.advance(9 * SECOND);
  assertEquals((await waited).get("token"), "token-1");
  register.fault = () => undefined;
  server.gate = () => new Promise(() => {});
  resolver.invalidate("a:token");
  const late = resolver.resolve("a:token");
  await clock.advance(2 * SECOND);
  await late;
  assertEquals(
    resolver.describe().credentials[3]!.last!.trace[0]!.detail,
    "no answer within its timeout of 2000 ms; its previous answer is used",
  );
});

Deno.test("a need that the server refused and that was rotated is named anew, in the same call", async () => {
  const { register, server, a, b } = machines();
  const { local, resolver } = a;
  await resolver.resolve("m2m:client");
  local.answers.secret = "rotated";
  server.refusals.push(denied("the client was refused", { need: "client" }));
  assertEquals((await resolver.resolve("a:token")).get("token"), "token-2");
  assertEquals([register.count("get"), server.secrets], [2, ["not-a-secret", "rotated"]]);
  assertEquals((await b.resolver.resolve("a:token")).get("token"), "token-3", "nothing is there for the old secret");
  const c = machine({ register, server, clock: a.clock });
  c.local.answers.secret = "rotated";
  assertEquals((await c.resolver.resolve("a:token")).get("token"), "token-2");
});

Deno.test("a request that is sent again has the credential by which the token was named, whatever came between", async () => {
  const { server, clock, a: { local, resolver } } = machines();
  server.refusals.push(unavailable("in the middle of a change", { transient: true }));
  server.gate = () => {
    local.answers.secret = "rotated";
    resolver.invalidate("m2m:client");
    return Promise.resolve();
  };
  const resolved = resolver.resolve("a:token");
  await clock.advance(SECOND);
  await resolved;
  assertEquals(server.secrets, ["not-a-secret", "not-a-secret", "rotated"]);
});

Deno.test("a need that cannot be met never reaches the server, and says why", async () => {
  const { server, a: { local, resolver } } = machines();
  local.answers.secret = denied("sealed");
  assertEquals((await rejection(resolver.resolve("a:token"))).message.includes("sealed"), true);
  assertEquals(server.requests, 0);
});

Deno.test("where promises belong to requests, nothing that another request waits for is shared", async () => {
  const { register, server, clock, a: { resolver } } = machines({ host: { requestBound: true } });
  register.fault = () => ({ there: Infinity });
  void resolver.resolve("a:token").catch(() => {});
  await clock.advance(0);
  register.fault = () => undefined;
  const other = resolver.resolve("a:token");
  await clock.advance(2 * SECOND);
  assertEquals((await other).get("token"), "token-1");
  assertEquals([register.count("get"), server.requests], [2, 1]);
});

Deno.test("where a need was found is known with the options and the mapping that tell it from others", async () => {
  const own = machine().engine as unknown as ShareEngine;
  let deps: Deps | undefined;
  const use: ShareEngine["use"] = (store, options, given) => own.use(store, options, deps = given);
  const { resolver } = machine({ engine: { ...own, use } as never });
  await resolver.resolve("a:token");
  const need = await deps!.resolveNeed("m2m:client", {});
  const client = originOf(need as Need, deps!);
  assertEquals([client?.store.name, client?.options.priority, client?.mapping], ["local", 1, { prefix: "" }]);
});

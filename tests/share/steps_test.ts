import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertLessOrEqual } from "@std/assert";
import { until } from "../support/share/drive.ts";
import { Fleet } from "../support/share/fleet.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

Deno.test("machines that start at once ask the server once", async () => {
  const fleet = new Fleet();
  fleet.add(10);
  assertEquals(new Set(await fleet.tokens()), new Set(["token-1"]));
  assertEquals(fleet.requests.length, 1);
});

Deno.test("a machine that starts later takes the token that is there, by one read", async () => {
  const fleet = new Fleet();
  const [first, second] = fleet.add(2);
  await fleet.tokens([first!]);
  await fleet.pass(10 * MINUTE);
  const calls = fleet.register.calls.length;
  assertEquals(await fleet.tokens([second!]), ["token-1"]);
  assertEquals(fleet.register.calls.slice(calls).map(({ op }) => op), ["get"]);
  assertEquals(fleet.requests.length, 1);
});

Deno.test("the trace says which machine asked the server, and which got its token from another", async () => {
  const fleet = new Fleet();
  const [first, second] = fleet.add(2);
  await fleet.tokens([first!]);
  await fleet.tokens([second!]);
  const how = [first!, second!].map(({ resolver }) => resolver.peek("fleet:api")?.trace.at(-1)?.shared);
  assertEquals(how, ["minted", "received"]);
  assertEquals(second!.events.find(({ type }) => type === "renewed")?.shared, "received");
});

Deno.test("a held token costs no call of the engine", async () => {
  const fleet = new Fleet();
  fleet.add(3);
  await fleet.tokens();
  const calls = fleet.register.calls.length;
  for (let minute = 0; minute < 40; minute++) {
    await fleet.pass(MINUTE);
    await fleet.tokens();
  }
  assertEquals(fleet.register.calls.length, calls);
});

Deno.test("whatever their clocks say, machines use a token for the same time, and never past its end", async () => {
  const fleet = new Fleet();
  const ahead = [0, 55 * SECOND, -55 * SECOND, 3 * 60 * MINUTE, -3 * 60 * MINUTE];
  for (const each of ahead) fleet.add(1, { ahead: each });
  await fleet.tokens();
  assertEquals(fleet.requests.length, 1);
  const left = fleet.machines.map(({ resolver }, at) =>
    resolver.peek("fleet:api")!.expiresAt! - (fleet.clock.now() + ahead[at]!)
  );
  const end = fleet.requests[0]!.at + fleet.lifetime - fleet.clock.now();
  for (const each of left) {
    assertLessOrEqual(each, end);
    assertGreaterOrEqual(each, end - 50);
  }
});

Deno.test("an hour's token of a fleet is renewed once, before anybody needs it, and at no common moment", async () => {
  const fleet = new Fleet();
  fleet.add(8);
  await fleet.tokens();
  const looks = new Set<number>();
  for (let minute = 0; minute < 55; minute++) {
    await fleet.pass(MINUTE);
    const calls = fleet.register.calls.length;
    await fleet.tokens();
    if (fleet.register.calls.length > calls) looks.add(minute);
  }
  assertEquals(fleet.requests.length, 2);
  assert(looks.size > 2, "all machines looked in the same two minutes");
  assertEquals(new Set(await fleet.tokens()), new Set(["token-2"]));
});

Deno.test("while one machine renews the token, the others go on with theirs, and look again after one to five seconds", async () => {
  const fleet = new Fleet();
  const [first, second] = fleet.add(2);
  await fleet.tokens();
  fleet.delay = 3 * SECOND;
  await fleet.pass(54 * MINUTE);
  const renewal = first!.token();
  await fleet.pass(100);
  const calls = fleet.register.calls.length;
  const before = fleet.clock.now();
  assertEquals(await until(fleet.clock, second!.token()), "token-1");
  assertLess(fleet.clock.now() - before, 50);
  await fleet.pass(900);
  await fleet.tokens([second!]);
  const reads = fleet.register.calls.slice(calls).filter(({ machine, op }) => machine === second!.name && op === "get");
  assertEquals(reads.length, 1);
  assertEquals(await until(fleet.clock, renewal), "token-2");
  await fleet.pass(5 * SECOND);
  assertEquals(await fleet.tokens([second!]), ["token-2"]);
  assertEquals(fleet.requests.length, 2);
});

Deno.test("when all services refuse the token at once, it is replaced by one request", async () => {
  const fleet = new Fleet();
  fleet.add(8);
  await fleet.tokens();
  for (const machine of fleet.machines) machine.invalidate();
  assertEquals(new Set(await fleet.tokens()), new Set(["token-2"]));
  assertEquals(fleet.requests.length, 2);
});

Deno.test("a secret that was changed and changed back leads to the token that is there", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  await fleet.tokens();
  for (const secret of ["other", "planted-secret"]) {
    machine!.env.CLIENT_SECRET = secret;
    machine!.resolver.invalidate("fleet:client");
    await until(fleet.clock, machine!.resolver.resolve("fleet:client"));
  }
  assertEquals(await fleet.tokens(), ["token-1"]);
  assertEquals(fleet.requests.length, 1);
});

Deno.test("whoever gets another secret takes the token of those who have it, whatever it held before", async () => {
  const fleet = new Fleet();
  const [other] = fleet.add(1, { env: { CLIENT_SECRET: "other" } });
  const [machine] = fleet.add(1);
  await fleet.tokens([other!]);
  await fleet.pass(MINUTE);
  await fleet.tokens([machine!]);
  machine!.invalidate();
  machine!.env.CLIENT_SECRET = "other";
  machine!.resolver.invalidate("fleet:client");
  assertEquals(await fleet.tokens(), ["token-1", "token-1"]);
  assertEquals(fleet.requests.length, 2);
});

Deno.test("one machine whose service refuses every token makes the fleet obtain ever fewer", async () => {
  const fleet = new Fleet();
  const [broken, ...others] = fleet.add(3);
  await fleet.tokens();
  const at: number[] = [];
  for (let second = 0; second < 200; second++) {
    const before = fleet.requests.length;
    broken!.invalidate();
    await fleet.tokens([broken!]);
    if (fleet.requests.length > before) at.push(fleet.requests.at(-1)!.at);
    await fleet.pass(SECOND);
    if (second % 20 === 0) await fleet.tokens(others);
  }
  const between = at.slice(1).map((each, index) => Math.round((each - at[index]!) / SECOND));
  assertEquals(
    between.map((each) => [5, 10, 20, 40, 80, 160].findIndex((least) => each <= least + 2)),
    between.map((_, index) => index),
  );
  assertLessOrEqual(fleet.requests.length, 7);
  broken!.invalidate();
  const { degraded } = await until(fleet.clock, broken!.resolver.resolve("fleet:api"));
  assertEquals(degraded, true);
});

Deno.test("a second broken machine, or one that starts again and again, adds no requests to those of the first", async () => {
  const fleet = new Fleet();
  fleet.add(1);
  await fleet.tokens();
  for (let second = 0; second < 60; second++) {
    const [fresh] = fleet.add(1);
    await fleet.tokens([fresh!]);
    fresh!.invalidate();
    fleet.machines[0]!.invalidate();
    await fleet.tokens([fresh!, fleet.machines[0]!]);
    await fleet.pass(SECOND);
  }
  assertLessOrEqual(fleet.requests.length, 6);
});

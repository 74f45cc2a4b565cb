import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { denied, unavailable } from "../../mod.ts";
import { leastPause } from "../../src/share/entry/decide.ts";
import { until } from "../support/share/drive.ts";
import { DOWN, Fleet } from "../support/share/fleet.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

Deno.test("a server that is down is asked by one machine, and all others get its failure at once", async () => {
  const fleet = new Fleet();
  fleet.add(6);
  fleet.answer = () => DOWN;
  assertEquals(new Set(await fleet.tokens()), new Set(["unavailable"]));
  assertEquals(fleet.requests.length, 1);
  const before = fleet.clock.now();
  const [fresh] = fleet.add(1);
  const error = await until(fleet.clock, fresh!.token().catch((error) => error));
  assertEquals(error.trace[0].detail, "HTTP 503");
  assertLess(fleet.clock.now() - before, 50);
  assertEquals(fleet.requests.length, 1);
});

/** Returns how often one machine asks a server at most that is down for some milliseconds. */
function mostRequests(ms: number): number {
  let requests = 0;
  for (let at = 0; at <= ms; at += leastPause(requests++));
  return requests;
}

Deno.test("while a server is down, a fleet asks it no more often than one machine would, and each machine reads seldom", async () => {
  const fleet = new Fleet();
  fleet.add(6);
  fleet.answer = () => DOWN;
  const began = fleet.clock.now();
  for (let second = 0; second < 300; second++) {
    await fleet.tokens();
    await fleet.pass(SECOND);
  }
  const most = mostRequests(fleet.clock.now() - began);
  assertLessOrEqual(fleet.requests.length, most);
  // Hint: once in a pause, and a few times while it waits for the first answer.
  assertLessOrEqual(fleet.register.count("get"), 6 * (most + 3));
  fleet.answer = ({ number }) => ({ values: { access_token: `token-${number}` }, expiresIn: 3_600 });
  await fleet.pass(30 * SECOND);
  const requests = fleet.requests.length;
  await fleet.tokens();
  await fleet.pass(30 * SECOND);
  assertEquals(new Set(await fleet.tokens()).size, 1);
  assertEquals(fleet.requests.length, requests + 1);
});

Deno.test("after a failure, another machine is the next to try", async () => {
  const fleet = new Fleet();
  for (const random of [0.2, 0.5, 0.8]) fleet.add(1, { random: () => random });
  fleet.answer = () => DOWN;
  const tried: string[] = [];
  for (let tenth = 0; tenth < 600; tenth++) {
    const before = fleet.requests.length;
    await fleet.tokens();
    tried.push(...fleet.requests.slice(before).map(({ machine }) => machine));
    await fleet.pass(100);
  }
  assertGreater(tried.length, 3);
  for (const [at, machine] of tried.slice(1).entries()) assert(machine !== tried[at], `${tried}`);
});

Deno.test("a Retry-After holds for the whole fleet, for at most a minute where nothing is held", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  fleet.answer = () => unavailable("HTTP 503", { retryAfter: 10 * MINUTE });
  for (let second = 0; second < 58; second++) {
    await fleet.tokens();
    await fleet.pass(SECOND);
  }
  assertEquals(fleet.requests.length, 1);
  for (let second = 0; second < 30; second++) {
    await fleet.tokens();
    await fleet.pass(SECOND);
  }
  assertEquals(fleet.requests.length, 2);
});

Deno.test("a machine that still holds a token goes on with it while the server is down for all", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  await fleet.tokens();
  fleet.answer = () => DOWN;
  await fleet.pass(50 * MINUTE);
  for (let minute = 0; minute < 8; minute++) {
    assertEquals(new Set(await fleet.tokens()), new Set(["token-1"]));
    await fleet.pass(MINUTE);
  }
  assertLess(fleet.requests.length, 8);
});

Deno.test("what the issuer refuses by a known code counts for the fleet, with its outcome and detail", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  fleet.answer = () => denied("the client is not allowed this scope", { issued: true });
  assertEquals(new Set(await fleet.tokens()), new Set(["denied"]));
  assertEquals(fleet.requests.length, 1);
  const error = await until(fleet.clock, fleet.machines[3]!.token().catch((error) => error));
  assertEquals(error.trace[0].detail, "the client is not allowed this scope");
});

Deno.test("what a proxy refuses one machine counts for that machine alone, and the others get their token", async () => {
  const fleet = new Fleet();
  const [refused, ...others] = fleet.add(4);
  const { answer } = fleet;
  fleet.answer = (request) => request.machine === refused!.name ? denied("HTTP 403") : answer(request);
  assertEquals(await fleet.tokens([refused!]), ["denied"]);
  const before = fleet.clock.now();
  assertEquals(new Set(await fleet.tokens(others)), new Set(["token-2"]));
  assertLess(fleet.clock.now() - before, SECOND);
  await fleet.pass(6 * SECOND);
  assertEquals(await fleet.tokens([refused!]), ["token-2"]);
});

Deno.test("a machine that returned a failure notices at a later look that the one that tries again has died", async () => {
  const fleet = new Fleet();
  const [first, second, third] = fleet.add(3);
  fleet.answer = () => DOWN;
  await fleet.tokens();
  fleet.answer = ({ number }) => ({ values: { access_token: `token-${number}` }, expiresIn: 3_600 });
  await fleet.pass(6 * SECOND);
  const trying = fleet.requests[0]!.machine === first!.name ? second! : first!;
  fleet.delay = 20 * SECOND;
  trying.token().catch(() => {});
  await fleet.pass(100);
  fleet.register.fault = ({ machine }) => machine === trying.name ? { there: Infinity } : undefined;
  fleet.delay = 100;
  assertEquals(await fleet.tokens([third!]), ["unavailable"]);
  let got = "";
  const before = fleet.clock.now();
  while (got !== "token-3" && fleet.clock.now() < before + 30 * SECOND) {
    await fleet.pass(SECOND);
    [got] = await fleet.tokens([third!]) as [string];
  }
  assertLess(fleet.clock.now() - before, 15 * SECOND);
});

Deno.test("a need that is refused while the token is obtained is renewed by each machine, under the name that it gives", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  const { answer } = fleet;
  fleet.answer = (request) =>
    request.secret === "rotated" ? answer(request) : denied("the client is refused", { need: "client", issued: true });
  await fleet.tokens();
  assertEquals(fleet.requests.length, 1);
  for (const { env, resolver } of fleet.machines) {
    env.CLIENT_SECRET = "rotated";
    resolver.invalidate("fleet:client");
  }
  assertEquals(new Set(await fleet.tokens()), new Set(["token-2"]));
  assertEquals(fleet.requests.map(({ secret }) => secret), ["planted-secret", "rotated"]);
});

Deno.test("a client secret that was rotated in the store and is still held by machines is read again by all at once", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  await fleet.tokens();
  const { answer } = fleet;
  fleet.answer = (request) =>
    request.secret === "rotated" ? answer(request) : denied("the client is refused", { need: "client", issued: true });
  for (const machine of fleet.machines) machine.env.CLIENT_SECRET = "rotated";
  for (const machine of fleet.machines) machine.invalidate();
  assertEquals(new Set(await fleet.tokens()).size, 1);
  assertLessOrEqual(fleet.requests.length, 3);
});

Deno.test("half the fleet with a rotated secret and half with the old one obtain two tokens", async () => {
  const fleet = new Fleet();
  fleet.add(3);
  fleet.add(3, { env: { CLIENT_SECRET: "rotated" } });
  assertEquals(new Set(await fleet.tokens()).size, 2);
  assertEquals(fleet.requests.length, 2);
});

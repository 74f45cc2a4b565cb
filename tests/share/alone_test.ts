import { assertEquals, assertThrows } from "@std/assert";
import {
  ChainError,
  createResolver,
  defineChain,
  defineStore,
  denied,
  invalid,
  type LogEvent,
  required,
  token,
  unavailable,
  variables,
} from "../../mod.ts";
import { defineEngine, type ShareOptions } from "../../src/share/mod.ts";
import { scriptedStore } from "../../src/testing/mod.ts";
import { simulatedClock } from "../support/outages/simulated_clock.ts";
import { quiet, until } from "../support/share/drive.ts";
import { SEAL } from "../support/share/fleet.ts";
import { MemoryRegister } from "../support/share/memory_register.ts";

const MINUTE = 60_000;

/** Creates a machine whose seal and client a test answers. */
function machine(options: Omit<ShareOptions, "seal" | "credential"> = {}) {
  const clock = simulatedClock(quiet);
  const register = new MemoryRegister(clock);
  const events: LogEvent[] = [];
  const supply = scriptedStore({ shape: variables, answers: { key: SEAL, id: "client" } });
  const engine = defineEngine({ kind: "memory", open: () => register.open("machine") });
  const m2m = defineStore({
    kind: "m2m",
    shape: token,
    share: "1",
    needs: ["client"],
    open: () => async (_: object, { need }) => {
      await need("client");
      return { values: { token: "token" }, expiresIn: 3_600 };
    },
  });
  const client = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value: unknown) => ({ value: value === "object" ? new Map([["id", value]]) : value }),
    },
  } as const;
  const chain = defineChain({
    stores: {
      m2m: m2m({ priority: 2, client: "fleet:client", share: engine({ seal: "fleet:seal", ...options }) }),
      supply: supply.store({ priority: 1 }),
    },
    credentials: {
      "fleet:client": { fields: { id: required(client) }, from: { supply: { prefix: "" } } },
      "fleet:seal": { fields: { key: required() }, from: { supply: { prefix: "" } } },
      "fleet:api": { fields: { token: required() }, from: { m2m: true } },
    },
  });
  const resolver = createResolver(chain, { clock, log: (event) => events.push(event) });
  const resolve = async () => {
    const { trace } = await until(clock, resolver.resolve("fleet:api"));
    return trace[0]?.shared;
  };
  const logged = () => events.filter(({ type }) => type === "share").map(({ detail }) => detail);
  return { clock, register, supply, resolver, resolve, logged };
}

Deno.test("while the seal cannot be had, a machine obtains its own token, and shares the next one", async () => {
  const { clock, supply, register, resolver, resolve, logged } = machine();
  supply.answers.key = unavailable("HTTP 503") as never;
  assertEquals(await resolve(), "alone");
  assertEquals(register.calls.length, 0);
  assertEquals(logged(), ['needs "fleet:seal": "supply" is unavailable: HTTP 503: tokens are obtained alone']);
  supply.answers.key = SEAL;
  await clock.advance(MINUTE);
  assertEquals(await resolve(), "alone");
  await clock.advance(56 * MINUTE);
  assertEquals(await resolve(), "minted");
  assertEquals(resolver.describe().stores[0]!.share!.minted, 2);
});

for (const refused of [denied("HTTP 403"), invalid("no form that is known"), undefined, "too short"]) {
  const what = typeof refused === "object" ? refused.outcome : refused ?? "not found";
  Deno.test(`a seal that is ${what} does not take away the token that is held`, async () => {
    const { clock, supply, resolver, resolve } = machine();
    await resolve();
    supply.answers.key = refused as never;
    for (const minutes of [10, 40, 5]) {
      await clock.advance(minutes * MINUTE);
      assertEquals(await resolve(), "minted");
    }
    await clock.advance(6 * MINUTE);
    const error = await until(clock, resolver.resolve("fleet:api").catch((error) => error));
    assertEquals(error.code, "invalid");
  });
}

Deno.test("what is no data could look like another identity's, so that a token that is obtained with it is not shared", async () => {
  const { supply, register, resolve, logged } = machine();
  supply.answers.id = "object";
  assertEquals(await resolve(), "alone");
  assertEquals(register.calls.length, 0);
  assertEquals(logged(), ["what the token is obtained with is not data: tokens are obtained alone"]);
});

Deno.test("where the runtime lacks what a name takes, a machine obtains its own token, and says so once", async () => {
  const { clock, register, resolve, logged } = machine();
  const { prototype } = SubtleCrypto;
  const { deriveBits } = prototype;
  // Hint: a stand-in for a runtime without HKDF.
  prototype.deriveBits = () => Promise.reject(new Error("planted-in-an-error"));
  try {
    assertEquals(await resolve(), "alone");
    await clock.advance(56 * MINUTE);
    assertEquals(await resolve(), "alone");
  } finally {
    prototype.deriveBits = deriveBits;
  }
  assertEquals(register.calls.length, 0);
  assertEquals(logged(), ["the runtime cannot derive a name: tokens are obtained alone"]);
});

for (const [option, least] of [["lease", 500], ["timeout", 50]] as const) {
  for (const value of [0, -1, NaN, Infinity, "2000"]) {
    Deno.test(`the ${option} ${JSON.stringify(value)} (${value}) is a mistake in the chain`, () => {
      const error = assertThrows(() => machine({ [option]: value as number }), ChainError);
      const expected = `Expected a number of milliseconds from ${least} to 60000`;
      assertEquals(error.message, `stores.m2m.share.${option}: ${expected}`);
    });
  }
}

import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { until } from "../support/share/drive.ts";
import { Fleet, type Machine, type MachineOptions, OTHER_SEAL, SEAL } from "../support/share/fleet.ts";
import { entryKeys } from "../../src/share/entry/entry_keys.ts";
import { openEntry, sealEntry } from "../../src/share/entry/sealed_entry.ts";

const SECOND = 1_000;

/** The name of the fleet's only entry. */
function nameIn(fleet: Fleet): string {
  assertEquals(fleet.register.texts.size, 1);
  return [...fleet.register.texts.keys()][0]!;
}

Deno.test("nothing that can be read is in the engine: no token, secret, seal or name, in any form", async () => {
  const fleet = new Fleet();
  fleet.add(3);
  fleet.delay = SECOND;
  await fleet.tokens();
  const written = fleet.register.history.flatMap(({ name, text }) => [name, text]).join("\n");
  const decoded = fleet.register.history.map(({ text }) => atob(text.slice(2))).join("\n");
  for (
    const secret of ["token-1", "planted-secret", SEAL, atob(SEAL), "access_token", "unavailable", "m2m", "client"]
  ) {
    const hex = Array.from(secret, (each) => each.charCodeAt(0).toString(16).padStart(2, "0")).join("");
    for (const form of [secret, btoa(secret), btoa(secret).slice(0, -4), hex]) {
      if (form.length > 3) assert(!written.includes(form) && !decoded.includes(form), `"${secret}" is in the engine`);
    }
  }
});

Deno.test("every text in the engine is another one, even for the same entry", async () => {
  const keys = await entryKeys(new Uint8Array(32), "identity");
  const entry = { lease: { owner: "a", since: 1, beat: 0 } };
  assertNotEquals(await sealEntry(entry, keys), await sealEntry(entry, keys));
  assertEquals(await openEntry(await sealEntry(entry, keys), keys), entry);
});

Deno.test("a text opens under its own name only, whoever has the key", async () => {
  const keys = await entryKeys(new Uint8Array(32), "identity");
  const text = await sealEntry({ lease: { owner: "a", since: 1, beat: 0 } }, keys);
  assertEquals(await openEntry(text, { ...keys, name: "other" }), {});
});

Deno.test("what opens and is no entry counts as nothing", async () => {
  const keys = await entryKeys(new Uint8Array(32), "identity");
  const token = { number: 1, values: {}, lifetime: 1, end: 1, stated: true, refusals: 0 };
  const lease = { owner: "a", since: 1, beat: 0 };
  const failure = { outcome: "denied" as const, detail: "", owner: "a", at: 1, until: 2, before: 0 };
  assertEquals(await openEntry(await sealEntry({ token, lease, failure } as never, keys), keys), {
    token,
    lease,
    failure,
  });
  const wrong: readonly unknown[] = [
    null,
    [],
    "text",
    { token: null },
    ...Object.keys(token).map((name) => ({ token: { ...token, [name]: "x" } })),
    ...Object.keys(token).map((name) => ({ token: { ...token, [name]: undefined } })),
    ...Object.keys(lease).map((name) => ({ lease: { ...lease, [name]: {} } })),
    ...Object.keys(failure).map((name) => ({ failure: { ...failure, [name]: [] } })),
    { token: { ...token, values: [] } },
    { token: { ...token, lifetime: null } },
    { token: { ...token, end: null } },
    { token: { ...token, lifetime: 0 } },
    { token: { ...token, refusals: -1 } },
    { failure: { ...failure, outcome: "hit" } },
    { failure: { ...failure, need: 1 } },
  ];
  for (const each of wrong) {
    const opened = await openEntry(await sealEntry(each as never, keys), keys);
    assert(!opened.token && !opened.lease && !opened.failure, JSON.stringify(each));
  }
});

const OTHERS: readonly (readonly [what: string, options: MachineOptions])[] = [
  ["another client secret", { env: { CLIENT_SECRET: "other" } }],
  ["another client", { env: { CLIENT_ID: "other" } }],
  ["another seal", { env: { SEAL_KEY: OTHER_SEAL } }],
  ["another scope", { request: { scope: "admin" } }],
  ["another option", { store: { audience: "other" } }],
  ["another principal", { share: { principal: "other" } }],
];

for (const [what, options] of OTHERS) {
  Deno.test(`a machine with ${what} gets a token of its own, by another name`, async () => {
    const fleet = new Fleet();
    const [one] = fleet.add(1);
    const [other] = fleet.add(1, options);
    assertEquals(await fleet.tokens([one!]), ["token-1"]);
    assertEquals(await fleet.tokens([other!]), ["token-2"]);
    assertEquals(fleet.register.texts.size, 2);
    const [a, b] = [one!, other!].map(({ resolver }) => resolver.describe().stores[0]!.share!.entries);
    assertEquals([a!.length, b!.length, a![0]!.length], [1, 1, 8]);
    assertNotEquals(a, b);
  });
}

const SAME: readonly (readonly [what: string, options: MachineOptions])[] = [
  ["its seal in the alphabet for URLs, and a line break after it", {
    env: { SEAL_KEY: OTHER_SEAL.replaceAll("/", "_").replaceAll("+", "-") + "\n" },
  }],
  ["other times and policies", {
    store: { timeout: 9 * SECOND, recheck: SECOND, advisoryWindow: SECOND, onDenied: "next" },
  }],
  ["another lease and timeout", { share: { lease: 5 * SECOND, timeout: SECOND } }],
  ["another password for the engine", { env: { ENGINE_PASSWORD: "other", SEAL_KEY: OTHER_SEAL } }],
];

for (const [what, options] of SAME) {
  Deno.test(`a machine with ${what} shares the token`, async () => {
    const fleet = new Fleet();
    fleet.add(1, { env: { SEAL_KEY: OTHER_SEAL } });
    fleet.add(1, { ...options, env: { SEAL_KEY: OTHER_SEAL, ...options.env } });
    await fleet.tokens([fleet.machines[0]!]);
    assertEquals(await fleet.tokens(), ["token-1", "token-1"]);
  });
}

Deno.test("a text with a bit flipped anywhere counts as nothing, and heals by itself", async () => {
  const fleet = new Fleet();
  fleet.add(1);
  await fleet.tokens();
  const name = nameIn(fleet);
  const good = fleet.register.texts.get(name)!;
  for (let at = 0; at < good.length; at += 29) {
    const flipped = good.slice(0, at) + String.fromCharCode(good.charCodeAt(at) ^ 1) + good.slice(at + 1);
    fleet.register.texts.set(name, flipped);
    const [fresh] = fleet.add(1);
    const requests = fleet.requests.length;
    assertEquals(await fleet.tokens([fresh!]), [`token-${requests + 1}`]);
    assertEquals(fresh!.resolver.peek("fleet:api")!.trace[0]!.shared, "minted");
  }
});

for (const text of ["", "1.", "1.AAAA", "2.AAAA", "null", "{}", "1.\u{1F600}", "x".repeat(100_000)]) {
  Deno.test(`the text ${JSON.stringify(text).slice(0, 20)} in the engine counts as nothing, and is replaced`, async () => {
    const fleet = new Fleet();
    fleet.add(1);
    await fleet.tokens();
    fleet.register.texts.set(nameIn(fleet), text);
    const [fresh] = fleet.add(1);
    assertEquals(await fleet.tokens([fresh!]), ["token-2"]);
    assertEquals(fresh!.resolver.peek("fleet:api")!.trace[0]!.shared, "minted");
  });
}

Deno.test("the entry of another identity under this name is not taken", async () => {
  const fleet = new Fleet();
  const [one] = fleet.add(1);
  const [other] = fleet.add(1, { env: { CLIENT_SECRET: "other" } });
  await fleet.tokens([one!]);
  const mine = nameIn(fleet);
  await fleet.tokens([other!]);
  const [theirs] = [...fleet.register.texts].find(([name]) => name !== mine)!.slice(1);
  fleet.register.texts.set(mine, theirs!);
  const [fresh] = fleet.add(1);
  assertEquals(await fleet.tokens([fresh!]), ["token-3"]);
});

Deno.test("a lease that somebody makes up, or puts back again and again, holds nobody up", async () => {
  const fleet = new Fleet();
  const [owner] = fleet.add(1);
  fleet.delay = SECOND;
  await fleet.tokens([owner!]);
  const name = nameIn(fleet);
  const leases = fleet.register.history.slice(0, -1).map(({ text }) => text);
  assert(leases.length > 1);
  const [fresh] = fleet.add(1);
  const before = fleet.clock.now();
  const token = until(fleet.clock, fresh!.token());
  let settled = false;
  token.then(() => settled = true);
  for (let turn = 0; !settled; turn++) {
    fleet.register.texts.set(name, leases[turn % leases.length]!);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert(fleet.clock.now() - before < 10 * SECOND);
  assertEquals(await token, "token-2");
});

Deno.test("an older token that is put back is not taken by who holds a newer one, and never past its end", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  await fleet.tokens();
  const name = nameIn(fleet);
  const old = fleet.register.texts.get(name)!;
  await fleet.pass(100 * SECOND);
  machine!.invalidate();
  assertEquals(await fleet.tokens(), ["token-2"]);
  fleet.register.texts.set(name, old);
  await fleet.pass(400 * SECOND);
  machine!.invalidate();
  assertEquals(await fleet.tokens(), ["token-3"]);
  fleet.register.texts.set(name, old);
  await fleet.pass(3_100 * SECOND);
  const [fresh] = fleet.add(1);
  assertEquals(await fleet.tokens([fresh!]), ["token-4"]);
});

Deno.test("an older token that is put back is not taken either after the same secret was set again", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  await fleet.tokens();
  const name = nameIn(fleet);
  const old = fleet.register.texts.get(name)!;
  await fleet.pass(3_200 * SECOND);
  assertEquals(await fleet.tokens(), ["token-2"]);
  fleet.register.texts.set(name, old);
  await setAgain(machine!);
  assertEquals(await fleet.tokens(), ["token-3"]);
  await setAgain(machine!);
  assertEquals(await fleet.tokens(), ["token-3"]);
});

/** Sets another secret, and then the one before it again. */
async function setAgain({ env, resolver }: Machine): Promise<void> {
  const secret = env.CLIENT_SECRET!;
  for (const each of ["other", secret]) {
    env.CLIENT_SECRET = each;
    resolver.invalidate("fleet:client");
    await resolver.resolve("fleet:client");
  }
}

Deno.test("a token that was refused is not taken again after a secret was rotated and rotated back", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  const secret = machine!.env.CLIENT_SECRET!;
  await fleet.tokens();
  machine!.invalidate();
  fleet.register.fault = () => ({ refused: new Error("down") });
  assertEquals(await fleet.tokens(), ["token-2"]);
  fleet.register.fault = () => undefined;
  await fleet.pass(10 * SECOND);
  machine!.env.CLIENT_SECRET = "other";
  machine!.resolver.invalidate("fleet:client");
  assertEquals(await fleet.tokens(), ["token-3"]);
  await fleet.pass(10 * SECOND);
  machine!.invalidate();
  assertEquals(await fleet.tokens(), ["token-4"]);
  machine!.env.CLIENT_SECRET = secret;
  machine!.resolver.invalidate("fleet:client");
  assertEquals(await fleet.tokens(), ["token-5"]);
});

Deno.test("a token that was refused is not taken again, although others were obtained alone meanwhile", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1);
  await fleet.tokens();
  machine!.invalidate();
  fleet.register.fault = () => ({ refused: new Error("down") });
  fleet.lifetime = 100 * SECOND;
  assertEquals(await fleet.tokens(), ["token-2"]);
  fleet.register.fault = () => undefined;
  await fleet.pass(95 * SECOND);
  assertEquals(await fleet.tokens(), ["token-3"]);
});

for (
  const [what, key] of [
    ["missing", ""],
    ["short", btoa("x".repeat(31))],
    ["not base64", "planted seal that is $ not base64 at all, and long enough"],
  ] as const
) {
  Deno.test(`a seal that is ${what} makes the store invalid, and its message says what to do`, async () => {
    const fleet = new Fleet();
    const [machine] = fleet.add(1, { env: { SEAL_KEY: key } });
    const error = await until(fleet.clock, machine!.token().catch((error) => error));
    assertEquals(error.code, "invalid");
    assertStringIncludes(error.message, key === "" ? "supply SEAL_KEY" : "openssl rand -base64 32");
    if (key) assert(!error.message.includes(key));
    assertEquals(fleet.requests.length, 0);
  });
}

Deno.test("a rotated seal is a new name, and one more request for the fleet", async () => {
  const fleet = new Fleet();
  fleet.add(4);
  await fleet.tokens();
  for (const { env, resolver } of fleet.machines) {
    env.SEAL_KEY = OTHER_SEAL;
    resolver.invalidate("fleet:seal");
  }
  assertEquals(new Set(await fleet.tokens()), new Set(["token-2"]));
  assertEquals(fleet.requests.length, 2);
  assertEquals(fleet.register.texts.size, 2);
});

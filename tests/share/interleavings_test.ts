/** Random orders of what machines, engine, server and attackers do; what a fleet promises must hold in all of them. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { denied, unavailable } from "../../mod.ts";
import { until } from "../support/share/drive.ts";
import { Fleet, type Machine } from "../support/share/fleet.ts";
import type { Fault } from "../support/share/memory_register.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The store's timeout twice, since a run may wait for others and then ask itself, and what an engine may take. */
const LONGEST_MS = 17 * SECOND;

const FAULTS: Readonly<Record<string, Fault | undefined>> = {
  none: undefined,
  slow: { there: 120, back: 120 },
  lost: { broken: new Error("reset") },
  down: { refused: new Error("refused") },
  hung: { there: Infinity },
  late: { there: 3 * SECOND },
};

const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant("resolve" as const), who: fc.nat(5) }) },
  { weight: 6, arbitrary: fc.record({ what: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 4_000 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("pass" as const), ms: fc.constant(50 * MINUTE) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("refuse" as const), who: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant("engine" as const),
      fault: fc.constantFrom(...Object.keys(FAULTS)),
      who: fc.option(fc.nat(5)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant("server" as const),
      delay: fc.constantFrom(5, 100, 1_500, 4_500, 8_000),
      answers: fc.constantFrom("tokens", "tokens", "503", "403", "refused"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom("forget" as const, "replay" as const), at: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("sleep" as const), who: fc.nat(5) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("clock" as const),
      who: fc.nat(1),
      ms: fc.integer({ min: -3_600_000, max: 3_600_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("engine clock" as const),
      ms: fc.integer({ min: -300_000, max: 300_000 }),
    }),
  },
);

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** A fleet of two identities, and what was seen of it. */
class Watched {
  readonly fleet = new Fleet();
  readonly pending = new Set<Promise<void>>();
  /** Which promises were broken. */
  readonly broken: unknown[] = [];
  readonly asleep = new Set<Machine>();
  /** The machines that slept, or whose clocks were set. */
  readonly set = new Set<Machine>();
  /** What each machine got last. */
  readonly held = new Map<Machine, string>();
  /** Which tokens each machine refused. */
  readonly refused = new Map<Machine, Set<string>>();
  /** Faults, by machine or for all. */
  readonly faults = new Map<string, Fault | undefined>();

  constructor() {
    const { fleet } = this;
    fleet.add(4, { store: { onExpired: "next" } });
    fleet.add(2, { store: { onExpired: "next" }, env: { CLIENT_SECRET: "other" } });
    fleet.lifetime = 20 * MINUTE;
    fleet.register.fault = ({ machine }) => this.faults.get(machine) ?? this.faults.get("all");
    this.serve("tokens");
  }

  serve(answers: string): void {
    const { fleet } = this;
    fleet.answer = ({ number, secret }) => {
      if (answers === "503") return unavailable("HTTP 503");
      if (answers === "403") return denied("HTTP 403");
      if (answers === "refused") return denied("the client is refused", { issued: true, need: "client" });
      return { values: { access_token: `${secret}-${number}` }, expiresIn: fleet.lifetime / SECOND };
    };
  }

  async happen(happening: Happening): Promise<void> {
    const { fleet } = this;
    const { register, machines } = fleet;
    switch (happening.what) {
      case "resolve":
        return this.resolve(machines[happening.who]!);
      case "pass":
        return await fleet.pass(happening.ms);
      case "refuse":
        return this.refuse(machines[happening.who]!);
      case "engine":
        return void this.faults.set(
          happening.who === null ? "all" : machines[happening.who]!.name,
          FAULTS[happening.fault],
        );
      case "server":
        fleet.delay = happening.delay;
        return this.serve(happening.answers);
      case "forget":
        return register.texts.clear();
      case "replay": {
        const old = register.history[happening.at % Math.max(1, register.history.length)];
        return void (old && register.texts.set(old.name, old.text));
      }
      case "sleep":
        return this.sleep(machines[happening.who]!);
      case "clock":
        this.set.add(machines[happening.who]!);
        return machines[happening.who]!.setAhead(happening.ms);
      case "engine clock":
        register.ahead += happening.ms;
    }
  }

  resolve(machine: Machine): void {
    const { fleet } = this;
    const began = fleet.clock.now();
    const done = machine.resolver.resolve("fleet:api").then((credential) => {
      const text = String(credential.get("access_token"));
      assert(text.startsWith(`${machine.env.CLIENT_SECRET}-`), `${text} is another identity's`);
      const { at } = fleet.requests[Number(text.split("-").at(-1)) - 1]!;
      // Hint: such a machine cannot know.
      assert(this.set.has(machine) || fleet.clock.now() < at + fleet.lifetime, `${text} has expired`);
      // Hint: the latest is given while the server fails, or was refused too often.
      if (this.held.get(machine) !== text) assert(!this.refused.get(machine)?.has(text), `${text} was refused`);
      this.held.set(machine, text);
    }, (error) => {
      if (!["unavailable", "denied"].includes(error.code)) throw error;
    }).then(() => {
      if (!this.set.has(machine)) assertLessOrEqual(fleet.clock.now() - began, LONGEST_MS);
    }).catch((error) => void this.broken.push(error)).finally(() => this.pending.delete(done));
    this.pending.add(done);
  }

  /** Suspends a machine, or lets it go on. */
  sleep(machine: Machine): void {
    this.set.add(machine);
    if (this.asleep.delete(machine)) return machine.resume();
    this.asleep.add(machine);
    machine.suspend();
  }

  refuse(machine: Machine): void {
    const held = machine.resolver.peek("fleet:api");
    if (!held) return;
    const refused = this.refused.get(machine) ?? new Set();
    this.refused.set(machine, refused.add(String(held.get("access_token"))));
    machine.resolver.invalidate(held);
  }

  async settle(): Promise<void> {
    for (const machine of this.asleep) this.sleep(machine);
    await until(this.fleet.clock, Promise.all(this.pending), 2 * LONGEST_MS, 50);
    for (const error of this.broken) throw error;
  }
}

Deno.test("whatever happens, nobody gets a token that is another's, expired or refused, and nobody waits past the bound", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 10, maxLength: 40 }), async (happenings) => {
      const watched = new Watched();
      for (const each of happenings) await watched.happen(each);
      await watched.settle();
    }),
    { numRuns: 300 },
  );
});

Deno.test("whatever happened, a fleet obtains no more than one token at a time again once all is well", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 25 }), async (happenings) => {
      const watched = new Watched();
      const { fleet } = watched;
      for (const each of happenings) await watched.happen(each);
      await watched.settle();
      watched.faults.clear();
      watched.serve("tokens");
      fleet.delay = 50;
      const began = fleet.clock.now();
      for (let minute = 0; minute < 65; minute++) {
        await fleet.pass(MINUTE);
        const tokens = await fleet.tokens();
        assert(minute < 5 || tokens.every((token) => token.includes("-")), `${tokens}`);
      }
      // Hint: tokens of 20 minutes are renewed after 15 or later.
      const late = fleet.requests.filter(({ at }) => at > began + 20 * MINUTE);
      assertLessOrEqual(late.length, 2 * 3);
    }),
    { numRuns: 15 },
  );
});

Deno.test("machines that can reach the engine and start at any moments, however fast it is, ask the server once", async () => {
  const start = fc.record({
    after: fc.integer({ min: 0, max: 600 }),
    there: fc.integer({ min: 0, max: 150 }),
    back: fc.integer({ min: 0, max: 150 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(start, { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 4_500 }),
      async (starts, delay) => {
        const fleet = new Fleet();
        fleet.delay = delay;
        const machines = fleet.add(starts.length);
        fleet.register.fault = ({ machine }) => starts[machines.findIndex(({ name }) => name === machine)];
        const tokens = machines.map(async (machine, at) => {
          await new Promise<void>((resolve) => fleet.clock.after(starts[at]!.after, resolve));
          return await machine.token();
        });
        assertEquals(new Set(await until(fleet.clock, Promise.all(tokens))).size, 1);
        assertEquals(fleet.requests.length, 1);
      },
    ),
    { numRuns: 40 },
  );
});

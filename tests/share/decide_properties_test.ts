/** Random sequences of what machines, engines and attackers do; `decide` must keep its promises in all of them. */
import { assert, assertEquals, assertGreater, assertLess, assertNotEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { unavailable } from "../../mod.ts";
import { windows } from "../../src/core/source/freshness.ts";
import { decide, type Decision, type HeldToken, type Mine } from "../../src/share/entry/decide.ts";
import type { Entry, EntryToken } from "../../src/share/entry/entry.ts";
import { beat, fail, release, renew, takeLease } from "../../src/share/entry/transitions.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LEASE_MS = 2 * SECOND;
const BOUND_MS = 7_500;
const LIFETIMES = [MINUTE, 5 * MINUTE, 60 * MINUTE, null];

/** What happens: which machine it concerns, and chance. */
interface Happening {
  readonly what: (typeof HAPPENINGS)[number];
  readonly who: number;
  readonly random: number;
}

const HAPPENINGS = [
  ...["look", "look", "look", "wait", "wait", "succeed", "succeed", "fail", "release"] as const,
  ...["crash", "refuse", "forget", "expire", "mintAlone", "lose", "replay", "rewind"] as const,
];

interface Machine {
  readonly owner: string;
  held?: HeldToken | undefined;
  /** The lease that it has, by its version and its beginning. */
  leads?: { version: number; since: number } | undefined;
  seen?: { readonly lease: string; readonly at: number };
}

/** A fleet, an engine and whoever has write access to the engine, on a clock that the engine alone does not follow. */
class Fleet {
  readonly machines: readonly Machine[];
  entry: Entry = {};
  version = 0;
  /** The time that has passed in truth, and by how much the engine's clock is off. */
  time = 0;
  offset = Date.UTC(2026, 0, 1);
  readonly #old: Entry[] = [];

  constructor(size: number) {
    this.machines = Array.from({ length: size }, (_, at) => ({ owner: `machine ${at}` }));
  }

  get now(): number {
    return this.time + this.offset;
  }

  swap(entry: Entry): void {
    this.#old.push(this.entry);
    this.entry = entry;
    this.version++;
  }

  happen({ what, who, random }: Happening): void {
    const machine = this.machines[who % this.machines.length]!;
    if (what === "wait") return this.wait(random < 0.5 ? 4 * SECOND * random : 10 * MINUTE * random ** 4);
    if (what === "look") return void this.look(machine, random);
    if (what === "crash") machine.leads = undefined;
    if (what === "forget") machine.held = undefined;
    if (what === "lose") this.swap({});
    if (what === "expire") {
      this.offset = Math.max(this.offset, (this.entry.token?.end ?? 0) - 90 * SECOND * random - this.time);
    }
    if (what === "replay") this.swap(this.#old[Math.floor(random * this.#old.length)] ?? {});
    if (what === "rewind") this.offset += (random - 0.7) * 10 * MINUTE;
    if (what === "refuse" && machine.held) machine.held = { ...machine.held, good: false, refused: true };
    if (what === "mintAlone") machine.held = { end: this.now + 5 * MINUTE, good: true, refused: false };
    if (["succeed", "fail", "release"].includes(what)) this.#end(machine, what, random);
  }

  /** Lets time pass; whoever has the lease and lives shows it, as long as the entry is its own. */
  wait(ms: number): void {
    for (const end = this.time + ms; this.time < end;) {
      this.time += Math.min(LEASE_MS / 4, end - this.time);
      const owner = this.machines.find(({ leads }) => leads?.version === this.version);
      if (!owner) continue;
      this.swap(beat(this.entry));
      owner.leads!.version = this.version;
    }
  }

  #end(machine: Machine, what: string, random: number): void {
    const { leads, held } = machine;
    machine.leads = undefined;
    if (!leads) return;
    const lifetime = LIFETIMES[Math.floor(random * LIFETIMES.length)]!;
    const minted = { since: leads.since, values: {}, lifetime, stated: true };
    const end = lifetime === null ? Infinity : leads.since + lifetime;
    // Hint: where the entry is another's meanwhile, the result counts for this machine alone.
    if (leads.version !== this.version) machine.held = { end, good: true, refused: false };
    else if (what === "fail") this.swap(fail(this.entry, unavailable("HTTP 503"), machine.owner, this.now));
    else if (what === "release") this.swap(release(this.entry));
    else {
      this.swap(renew(this.entry, held, minted));
      machine.held = { number: this.entry.token!.number, end, good: true, refused: false };
    }
  }

  mine(machine: Machine, random: number): Mine {
    const lease = JSON.stringify(this.entry.lease ?? null);
    const seen = machine.seen?.lease === lease ? machine.seen : machine.seen = { lease, at: this.time };
    const { owner } = machine;
    const held = machine.held && { ...machine.held, good: machine.held.good && this.now < machine.held.end };
    return { owner, held, random, silentFor: this.time - seen.at, lease: LEASE_MS, bound: BOUND_MS };
  }

  /** Has a machine decide, checks the decision, and does what it says. */
  look(machine: Machine, random: number): Decision | undefined {
    if (machine.leads) return;
    const mine = this.mine(machine, random);
    const decision = pure(this.entry, mine, this.now);
    if (decision.do === "adopt") this.#adopt(machine, mine, decision.token);
    if (decision.do === "keep") assert(mine.held?.good && this.entry.lease);
    if (decision.do === "poll") assert(this.entry.lease && !mine.held?.good);
    if (decision.do === "fail") {
      assertGreater(decision.after, SECOND - 1);
      assertLess(decision.after, MINUTE + 10 * SECOND + 1);
    }
    if (decision.do === "lead") {
      // Hint: one that lives has shown it since this machine last looked, unless it is slower than a token may take.
      const rival = this.machines.find(({ leads }) => leads?.version === this.version);
      assert(!rival || Math.abs(this.now - rival.leads!.since) >= BOUND_MS, "two machines obtained one token");
      this.swap(takeLease(this.entry, `${machine.owner}, ${this.version}`, this.now));
      machine.leads = { version: this.version, since: this.now };
    }
    return decision;
  }

  #adopt(machine: Machine, { held }: Mine, token: EntryToken): void {
    const { lifetime, end, number } = token;
    if (lifetime !== null) assertLess(this.now, end! - windows(lifetime).mandatory);
    if (held?.number !== undefined) assertGreater(number, held.number);
    else if (held) assertGreater(end ?? Infinity, held.end);
    machine.held = { number, end: end ?? Infinity, good: true, refused: false };
  }
}

/** Decides twice, and checks that nothing but the arguments counts, and that they stay as they are. */
function pure(entry: Entry, mine: Mine, now: number): Decision {
  const before = structuredClone({ entry, mine });
  const decision = decide(entry, mine, now);
  assertEquals(decide(before.entry, before.mine, now), decision);
  assertEquals({ entry, mine }, before);
  return decision;
}

const happenings = fc.array(
  fc.record<Happening>({
    what: fc.constantFrom(...HAPPENINGS),
    who: fc.nat(4),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { maxLength: 60, size: "max" },
);

function afterwards(size: number, happened: readonly Happening[]): Fleet {
  const fleet = new Fleet(size);
  for (const happening of happened) fleet.happen(happening);
  return fleet;
}

const RUNS = { seed: 13, numRuns: 2_000 };

Deno.test("whatever machines and attackers do, no token is taken that is old, refused or about to expire, and no lease that lives", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), happenings, (size, happened) => void afterwards(size, happened)),
    RUNS,
  );
});

Deno.test("whatever happened, nobody waits for a machine while a failure stands", () => {
  fc.assert(
    fc.property(happenings, fc.double({ min: 0, max: 0.999, noNaN: true }), (happened, random) => {
      const fleet = afterwards(3, happened);
      fleet.swap(fail(fleet.entry, unavailable("HTTP 503"), "another", fleet.now));
      for (const machine of fleet.machines) {
        machine.leads = undefined;
        assertNotEquals(fleet.look(machine, random)?.do, "poll");
      }
      fleet.wait(15 * SECOND * random);
      for (const machine of fleet.machines) assertNotEquals(fleet.look(machine, random)?.do, "poll");
    }),
    RUNS,
  );
});

Deno.test("whatever happened, an owner that is dead or hung is taken over: nobody waits longer than its bound, and nobody fails for long", () => {
  const always = { random: fc.double({ min: 0, max: 0.999, noNaN: true }), isHung: fc.boolean() };
  fc.assert(
    fc.property(happenings, fc.record(always), (happened, { random, isHung }) => {
      const fleet = afterwards(3, happened);
      for (const machine of fleet.machines) machine.leads = machine.held = undefined;
      const [waiting, other] = fleet.machines as [Machine, Machine];
      if (isHung) {
        fleet.swap({ ...fleet.entry.failure && { failure: fleet.entry.failure } });
        fleet.look(other, random);
      }
      const spent = { poll: 0, fail: 0 };
      for (;;) {
        const decision = fleet.look(waiting, random)!;
        if (decision.do === "adopt" || decision.do === "lead") return;
        assert(decision.do !== "keep");
        const ms = decision.do === "poll" ? SECOND / 2 : decision.after;
        spent[decision.do] += ms;
        assertLess(spent.poll, (isHung ? BOUND_MS : LEASE_MS) + SECOND / 2 + 1);
        assertLess(spent.fail, 2 * MINUTE);
        fleet.wait(ms);
      }
    }),
    RUNS,
  );
});

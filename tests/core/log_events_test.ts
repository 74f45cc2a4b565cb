import { assert, assertEquals } from "@std/assert";
import type { Level } from "npm:pino@^10.4.0";
import {
  createResolver,
  defineChain,
  denied,
  env,
  file,
  getResolver,
  type LogEvent,
  memory,
  required,
  token,
  unavailable,
} from "../../mod.ts";
import { persist } from "../../src/bootstrap/mod.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { Page } from "../support/pages/page.ts";
import { Fleet } from "../support/share/fleet.ts";

const KEY = "polaris:rest";
const HOUR = 3_600_000;
const PAGE = new Page("src/core/README.md");

/** Every type of event: the compiler says if one is missing here, or is none. */
const TYPES = Object.keys(
  {
    walk: true,
    degraded: true,
    stopped: true,
    changed: true,
    renewed: true,
    failed: true,
    missing: true,
    shadowed: true,
    share: true,
    ignored: true,
  } satisfies Record<LogEvent["type"], true>,
);

interface Row {
  readonly level: string;
  /** The members that an event may have, besides its type: one entry for each combination. */
  readonly members: readonly string[];
}

/** Returns the rows of the table. */
function rows(): ReadonlyMap<string, Row> {
  const found = [...PAGE.text.matchAll(/^\| `(\w+)` +\| (\w+) +\| (.+?) +\| .+ \| .+ \|$/gm)];
  return new Map(found.map(([, type, level, members]) => [type!, {
    level: level!,
    members: members!.split("; or ").map((each) => [...each.matchAll(/`(\w+)`/g)].map(([, name]) => name!).join()),
  }]));
}

/** Lets everything happen that is logged, and returns the events. */
async function everyEvent(): Promise<readonly LogEvent[]> {
  const script = scriptedStore({ shape: token, answer: { values: { token: "planted" }, expiresIn: 3_600 } });
  const chain = defineChain({
    stores: {
      m2m: script.store({ priority: 4 }),
      file: file({ priority: 3, directory: "/state" }),
      env: env({ priority: 2 }),
      memory: memory({ priority: 1 }),
    },
    credentials: {
      [KEY]: {
        fields: { token: required() },
        from: { m2m: true, file: "polaris.json", env: { prefix: "POLARIS_" }, memory: { prefix: "" } },
      },
    },
  });
  const host = testHost();
  const resolver = getResolver(chain, host);
  await resolver.resolve(KEY);
  script.answer = unavailable("HTTP 503");
  host.env.POLARIS_TOKEN = "planted too";
  await host.clock.advance(HOUR);
  await resolver.resolve(KEY);
  script.answer = denied("the client was refused");
  await host.clock.advance(HOUR);
  await rejection(resolver.resolve(KEY));
  script.answer = undefined;
  await host.clock.advance(HOUR);
  const shadowing = createResolver(
    defineChain({
      stores: { env: env({ priority: 2 }), memory: memory({ priority: 1 }) },
      credentials: {
        "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" }, memory: { prefix: "" } } },
      },
    }),
    { ...host, env: { DB_USER: "planted" } },
  );
  await persist(shadowing, "db:basic", { user: "planted too" });
  getResolver(chain, testHost());
  getResolver(chain, { ...host, fetch: () => Promise.reject(new Error("another network")) });
  const fleet = new Fleet();
  const [first, second] = fleet.add(2);
  await fleet.tokens([first!]);
  fleet.register.fault = () => ({ refused: new Error("ECONNREFUSED") });
  await fleet.tokens([second!]);
  return [...host.events, ...first!.events, ...second!.events];
}

Deno.test("the page lists every type of event, and no other", () => {
  assertEquals([...rows().keys()].sort(), TYPES.toSorted());
});

Deno.test("every type of event happens with exactly the members that the page says, and never with a value", async () => {
  const events = await everyEvent();
  const seen = new Map(TYPES.map((type) => [type, new Set<string>()]));
  for (const { type, ...more } of events) seen.get(type)!.add(Object.keys(more).sort().join());
  const sorted = (members: Iterable<string>) => [...members].map((each) => each.split(",").sort().join()).sort();
  const listed = [...rows()].map(([type, { members }]) => [type, sorted(members)]);
  assertEquals(Object.fromEntries(listed), Object.fromEntries([...seen].map(([type, all]) => [type, sorted(all)])));
  assert(!JSON.stringify(events).includes("planted"));
});

Deno.test("the page's levels are those of its program for pino, and pino's own", () => {
  const own = ["debug", "info", "warn", "error"] as const satisfies readonly Level[];
  const code = PAGE.snippet("npm:pino");
  const levels = [...code.matchAll(/^ {2}(\w+): "(\w+)",$/gm)].map(([, type, level]) => [type!, level!]);
  assertEquals(
    Object.fromEntries(levels),
    Object.fromEntries([...rows()].map(([type, { level }]) => [type, level])),
  );
  assertEquals(levels.filter(([, level]) => !own.some((each) => each === level)), []);
});

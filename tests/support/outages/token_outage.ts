import { createResolver, type Credential, defineChain, env, memory, required } from "../../../mod.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { type TestClock, testHost } from "../../../src/testing/mod.ts";
import type { FaultSettings } from "../servers/exchange.ts";
import type { FaultName } from "../servers/faults.ts";
import type { FaultyEndpoint } from "../servers/faulty_endpoint.ts";
import { chance } from "./chance.ts";
import { countedNetwork } from "./counted_network.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LIFETIME_MS = 60 * MINUTE;
/** How long the server is out of order. */
export const OUTAGE_MS = 120 * SECOND;
/** How long callers go on after that. */
const AFTERWARDS_MS = 100 * SECOND;
/** How long a caller may take without counting as one that waited. */
const WAITED_MS = 100;

/** The age of the token that is held when the outage begins; `undefined` if none is held. */
export const AGES = {
  "valid": 45 * MINUTE,
  "expires after 60 s": 59 * MINUTE,
  "expired": LIFETIME_MS,
  "nothing": undefined,
} as const;

/** What is wrong with the server. */
export const OUTAGES = {
  "down": { fault: "refused" },
  "hung": { fault: "silent" },
  "slow": { fault: "slow" },
  "429, Retry-After: 60": { fault: "status_429", retryAfter: 60 },
  "503, Retry-After: a date": { fault: "status_503", retryAfter: "date" },
  "500": { fault: "status_500" },
  "HTML": { fault: "html" },
} as const satisfies Record<string, { fault: FaultName; retryAfter?: 60 | "date" }>;

/** All of `AGES` and `OUTAGES`. */
export const HELD = Object.keys(AGES) as (keyof typeof AGES)[];
export const OUTAGE_NAMES = Object.keys(OUTAGES) as (keyof typeof OUTAGES)[];

/** What a client's pauses depend on. */
export interface ClientOptions {
  /** The seed of its chance. */
  readonly seed?: number;
  /** Whether promises belong to requests, as on workerd; then each call is a request of its own. */
  readonly requestBound?: boolean;
}

/** One outage, and who meets it. */
export interface TokenOutage extends ClientOptions {
  readonly held: keyof typeof AGES;
  readonly outage: keyof typeof OUTAGES;
  /** Whether a lower store has the credential too. */
  readonly below: boolean;
  /** How many calls there are in a second. */
  readonly rate: 1 | 100;
}

/** What one caller got, and how long it took. */
export interface Call {
  /** When it began, in milliseconds since the outage began. */
  readonly at: number;
  /** How long it waited, in milliseconds. */
  waited: number;
  /** The source, with `degraded`, or the error's code. */
  got: string;
  message?: string;
}

/** What came of an outage. */
export interface OutageReport {
  readonly calls: readonly Call[];
  /** When a connection to the server was asked for, in milliseconds since the outage began. */
  readonly asked: readonly number[];
  /** How many requests the server counted, during the outage and after it. */
  readonly requests: number;
  /** How many callers waited longer than 100 ms. */
  readonly waited: number;
  /** How many callers got each result while the server was out of order. */
  readonly got: Readonly<Record<string, number>>;
  /** The messages of errors. */
  readonly messages: ReadonlySet<string>;
  /** How long after the server's return callers that got something else still began, in milliseconds. */
  readonly over: number;
}

/** Starts a resolver on simulated time whose token comes from the server; a variable may have it too. */
export function startClient(server: FaultyEndpoint, { seed = 1, requestBound = false }: ClientOptions = {}) {
  const network = countedNetwork(server);
  const { clock, fetch } = network;
  const host = testHost({ clock, random: chance(seed), fetch, requestBound });
  return { network, host, resolver: createResolver(chainOf(server.url), host) };
}

/** Runs an outage of 120 s on simulated time, against the real server. Every second call brings a default of its own. */
export async function runTokenOutage(server: FaultyEndpoint, outage: TokenOutage): Promise<OutageReport> {
  const { resolver, host, network } = startClient(server, outage);
  const { clock } = network;
  server.set("none", { lifetime: LIFETIME_MS / SECOND });
  const age = AGES[outage.held];
  if (age !== undefined) {
    const [held] = await Promise.all([resolver.resolve("polaris:rest"), network.settled()]);
    await clock.advance(age - (clock.now() - (held.expiresAt! - LIFETIME_MS)));
  }
  if (outage.below) host.env.REST_TOKEN = "fake";
  const began = clock.now();
  network.asked.length = 0;
  const requestsBefore = server.requests;
  server.set(OUTAGES[outage.outage].fault, settingsOf(outage, clock));
  const calls: Call[] = [];
  for (let at = 0; at < OUTAGE_MS + AFTERWARDS_MS; at += SECOND / outage.rate) {
    if (at === OUTAGE_MS) server.set("none", { lifetime: LIFETIME_MS / SECOND });
    const call: Call = { at, waited: 0, got: "", message: "" };
    calls.push(call);
    const options = calls.length % 2 ? undefined : { default: { token: "seed" } };
    resolver.resolve("polaris:rest", options).then(
      (credential) => settle(call, clock.now() - began, nameOf(credential)),
      ({ code, message }) => settle(call, clock.now() - began, code ?? String(message), message),
    );
    await clock.advance(SECOND / outage.rate);
  }
  server.set("none");
  await clock.advance(20 * SECOND);
  const asked = network.asked.map((at) => at - began);
  return report(calls, asked, server.requests - requestsBefore);
}

function settingsOf({ outage }: TokenOutage, clock: TestClock): FaultSettings {
  const { retryAfter = undefined } = OUTAGES[outage] as { retryAfter?: 60 | "date" };
  const seconds = retryAfter === "date" ? new Date(clock.now() + MINUTE).toUTCString() : String(retryAfter);
  return {
    lifetime: LIFETIME_MS / SECOND,
    ...(retryAfter && { retryAfter: seconds }),
    wait: () => new Promise((resolve) => void clock.after(3 * SECOND, resolve)),
  };
}

function settle(call: Call, now: number, got: string, message?: string): void {
  call.waited = now - call.at;
  call.got = got;
  if (message) call.message = message;
}

function nameOf({ source, degraded }: Credential): string {
  return degraded ? `${source}, degraded` : source;
}

function report(calls: readonly Call[], asked: readonly number[], requests: number): OutageReport {
  const got: Record<string, number> = {};
  for (const call of calls) if (call.at < OUTAGE_MS) got[call.got] = (got[call.got] ?? 0) + 1;
  const bad = calls.findLast((call) => call.got !== "m2m");
  return {
    calls,
    asked,
    requests,
    waited: calls.filter(({ waited }) => waited > WAITED_MS).length,
    got,
    messages: new Set(calls.flatMap(({ message }) => message || [])),
    over: bad && bad.at >= OUTAGE_MS ? bad.at - OUTAGE_MS : 0,
  };
}

function chainOf(tokenEndpoint: string) {
  return defineChain({
    stores: {
      m2m: oauth2({ priority: 300, client: "m2m:client", tokenEndpoint }),
      env: env({ priority: 200, recheck: SECOND }),
      memory: memory({ priority: 100, values: { client_id: "fake-id", client_secret: "fake-secret" } }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { memory: { prefix: "" } },
      },
      "polaris:rest": {
        fields: { token: required() },
        from: {
          m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } },
          env: { prefix: "REST_" },
        },
      },
    },
  });
}

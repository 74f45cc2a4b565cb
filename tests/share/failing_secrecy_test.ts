import { assert, assertEquals } from "@std/assert";
import { createResolver, type LogEvent } from "../../mod.ts";
import { check, explain } from "../../src/report/mod.ts";
import { openPostgres } from "../../src/share/engines/postgres.ts";
import { openRedis } from "../../src/share/engines/redis.ts";
import { until } from "../support/share/drive.ts";
import { Fleet, SEAL } from "../support/share/fleet.ts";
import { MemoryRegister } from "../support/share/memory_register.ts";
import { sharedOAuth2Chain } from "../support/share/oauth2_chain.ts";
import { shiftedClock } from "../support/tokens/shifted_clock.ts";

/** What nothing may show: the seal, the client's secret, the engine's password, and a token. */
const SECRETS = [SEAL, "planted-secret", "planted-password", "planted-token"];

/** What somebody may throw who quotes all that it knows. */
const THROWN: Readonly<Record<string, () => unknown>> = {
  "an error": () => {
    const error = new Error(`WRONGPASS ${SECRETS}`, { cause: new TypeError(`redis://u:${SECRETS}@h/`) });
    return Object.assign(error, { name: `Error of ${SECRETS}`, code: SECRETS[2], command: SECRETS, url: SECRETS[0] });
  },
  "a text": () => `NOPERM ${SECRETS}`,
  "an object": () => ({ message: `unknown command ${SECRETS}`, secrets: SECRETS, toString: () => `${SECRETS}` }),
  "several errors": () => new AggregateError([new Error(`${SECRETS}`)], `${SECRETS}`),
};

/** Where it is thrown. */
const PLACES: Readonly<Record<string, (fleet: Fleet, thrown: () => unknown) => void>> = {
  "connect": (fleet, thrown) => {
    fleet.open = () => {
      throw thrown();
    };
  },
  "get": (fleet, thrown) => fleet.register.fault = ({ op }) => op === "get" ? { refused: thrown() } : undefined,
  "swap": (fleet, thrown) => fleet.register.fault = ({ op }) => op === "swap" ? { refused: thrown() } : undefined,
  "an answer": (fleet, thrown) => fleet.register.fault = () => ({ broken: thrown() }),
  "close": (fleet, thrown) => {
    fleet.register.fault = () => ({ refused: thrown() });
    fleet.open = (name) => ({
      ...fleet.register.open(name),
      close: () => {
        throw thrown();
      },
    });
  },
  "send of Redis": (fleet, thrown) => {
    fleet.open = () => openRedis(undefined, { connect: () => ({ send: () => Promise.reject(thrown()) }) });
  },
  "query of PostgreSQL": (fleet, thrown) => {
    fleet.open = () => openPostgres(undefined, { connect: () => ({ query: () => Promise.reject(thrown()) }) });
  },
  "the server": (fleet, thrown) => fleet.answer = () => Promise.reject(thrown()),
};

/** What a resolver shows of a credential. */
async function shownBy(resolver: ReturnType<typeof createResolver>, name: string): Promise<readonly unknown[]> {
  const key = name as never;
  const shown = await resolver.resolve(key).then(
    ({ trace, source, degraded }) => ({ trace, source, degraded }),
    (error) => error,
  );
  return [shown, await explain(resolver, key), await explain(resolver, key, { live: true }), await check(resolver)];
}

/** Returns all forms in which something may be shown. */
function formsOf(shown: unknown): string {
  const { message, stack, cause, trace } = Object(shown);
  return [
    String(message),
    String(stack),
    ...[shown, cause, trace].flatMap((each) => [
      JSON.stringify(each),
      JSON.stringify(each, each instanceof Error ? Object.getOwnPropertyNames(each) : undefined),
      Deno.inspect(each, { depth: 20, showHidden: true }),
    ]),
  ].join("\n");
}

function assertNothingShown(all: readonly unknown[]): void {
  for (const each of all) {
    const forms = formsOf(each);
    for (const secret of SECRETS) {
      for (const form of [secret, secret.slice(0, 12), secret.slice(-12), btoa(secret), encodeURIComponent(secret)]) {
        assert(!forms.includes(form), `"${form}" is shown: ${forms}`);
      }
    }
  }
}

for (const [place, fail] of Object.entries(PLACES)) {
  for (const [what, thrown] of Object.entries(THROWN)) {
    Deno.test(`what ${place} throws that quotes secrets, as ${what}, is nowhere shown`, async () => {
      const fleet = new Fleet();
      fleet.answer = () => ({ values: { access_token: "planted-token" }, expiresIn: 3_600 });
      fleet.add(1, { env: { ENGINE_PASSWORD: "planted-password" } });
      fail(fleet, thrown);
      const [{ resolver, events }] = fleet.machines as [Fleet["machines"][number]];
      const shown = await until(fleet.clock, shownBy(resolver as never, "fleet:api"));
      const outages = events.filter(({ type, detail }) => type === "share" && detail!.endsWith("obtained alone"));
      assertEquals(
        [outages.length > 0, Object(shown[0]).code],
        place === "the server" ? [false, "invalid"] : [true, undefined],
      );
      assertNothingShown([...shown, events, resolver.describe()]);
      await until(fleet.clock, resolver[Symbol.asyncDispose]());
      assertNothingShown([events, resolver]);
    });
  }
}

for (const key of [SEAL.slice(0, 40), `${SEAL}$`, ""]) {
  Deno.test(`a seal of ${key.length} characters that is none is nowhere shown`, async () => {
    const fleet = new Fleet();
    const [machine] = fleet.add(1, { env: { SEAL_KEY: key, CLIENT_SECRET: "planted-secret" } });
    const { resolver, events } = machine!;
    const shown = await until(fleet.clock, shownBy(resolver as never, "fleet:api"));
    assertEquals(Object(shown[0]).code, "invalid");
    assertNothingShown([...shown, events, resolver.describe(), resolver]);
  });
}

Deno.test("while nothing fails, no log, trace or description has a secret in it", async () => {
  const fleet = new Fleet();
  fleet.answer = () => ({ values: { access_token: "planted-token" }, expiresIn: 3_600 });
  for (const { resolver, events } of fleet.add(2, { env: { ENGINE_PASSWORD: "planted-password" } })) {
    const shown = await until(fleet.clock, shownBy(resolver as never, "fleet:api"));
    assertNothingShown([...shown, events, resolver.describe(), resolver]);
  }
});

for (
  const [what, status, type, body] of [
    ["a proxy's page", 403, "text/html", `<html>Forbidden: ${SECRETS}</html>`],
    ["a proxy's JSON", 403, "application/json", JSON.stringify({ message: SECRETS, client_secret: SECRETS[1] })],
    [
      "an issuer's refusal",
      400,
      "application/json",
      JSON.stringify({
        error: "invalid_grant",
        error_description: `${SECRETS}`,
        error_uri: `https://h/?${SECRETS}`,
      }),
    ],
    ["an issuer's unknown refusal", 401, "application/json", JSON.stringify({ error: `${SECRETS}` })],
    ["a server's failure", 503, "text/plain", `${SECRETS}`],
  ] as const
) {
  Deno.test(`the body of ${what} that quotes secrets is nowhere shown, on no machine`, async () => {
    const reply = () => new Response(body, { status, headers: { "content-type": type, "x-secret": "planted-secret" } });
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, reply);
    const endpoint = `http://127.0.0.1:${server.addr.port}/token?key=planted-token`;
    const register = new MemoryRegister(shiftedClock());
    for (let machine = 0; machine < 2; machine++) {
      const events: LogEvent[] = [];
      const share = register.engine()({ seal: "fleet:seal" });
      const login = { client_id: "client", client_secret: "planted-secret", key: SEAL };
      const chain = sharedOAuth2Chain(login, endpoint, share);
      const resolver = createResolver(chain, { log: (event) => events.push(event) });
      const shown = await shownBy(resolver as never, "polaris:rest");
      assert(["denied", "invalid", "unavailable"].includes(Object(shown[0]).code), Deno.inspect(shown[0]));
      assertNothingShown([...shown, events, resolver.describe(), resolver]);
    }
  });
}

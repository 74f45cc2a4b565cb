import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "npm:jose@^6";
import { createResolver, memory, required, type Resolver } from "../../mod.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";
import { SEAL } from "../support/share/fleet.ts";
import { MemoryRegister } from "../support/share/memory_register.ts";
import { sharedOAuth2Chain } from "../support/share/oauth2_chain.ts";
import { shiftedClock } from "../support/tokens/shifted_clock.ts";

const HOUR = 3_600_000;

/** Creates machines that share a real server's tokens, on the time that passes. */
function fleetOf(oidc: OidcProvider) {
  const clock = shiftedClock();
  const register = new MemoryRegister(clock);
  const share = register.engine()({ seal: "fleet:seal", lease: 10_000, timeout: 5_000 });
  const { clientId, clientSecret } = oidc.clients.basic;
  const machine = (secret = clientSecret) => {
    const login = { client_id: clientId, client_secret: secret, key: SEAL };
    const chain = sharedOAuth2Chain(login, oidc.tokenEndpoint, share);
    return createResolver(chain, { clock });
  };
  return { clock, register, machine };
}

async function statusOf(oidc: OidcProvider, token: unknown): Promise<number> {
  const url = oidc.protectedUrl("urn:alphaswarm:polaris");
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  await answer.body?.cancel();
  return answer.status;
}

Deno.test("a fleet obtains one token of a real OAuth server, which its resource accepts from every machine", async () => {
  await using oidc = await startOidcProvider();
  await oidc.setDelay(200);
  const { machine } = fleetOf(oidc);
  const machines = Array.from({ length: 8 }, () => machine());
  const all = await Promise.all(machines.map((each) => each.resolve("polaris:rest")));
  assertEquals([await oidc.tokenRequests(), new Set(all.map((each) => each.get("token"))).size], [1, 1]);
  assertEquals(await statusOf(oidc, all[7]!.get("token")), 200);
});

Deno.test("a token that its resource refuses to a whole fleet is replaced by one request", async () => {
  await using oidc = await startOidcProvider();
  const { machine } = fleetOf(oidc);
  const machines = Array.from({ length: 8 }, () => machine());
  const all = await Promise.all(machines.map((each) => each.resolve("polaris:rest")));
  await oidc.revoke(all[0]!.get("token"));
  assertEquals(await statusOf(oidc, all[3]!.get("token")), 401);
  for (const [at, each] of machines.entries()) each.invalidate(all[at]!);
  const fresh = await Promise.all(machines.map((each) => each.resolve("polaris:rest")));
  assertEquals([await oidc.tokenRequests(), new Set(fresh.map((each) => each.get("token"))).size], [2, 1]);
  assertEquals(await statusOf(oidc, fresh[5]!.get("token")), 200);
});

Deno.test("a server that answers 503 with a Retry-After is asked once by a fleet", async () => {
  await using oidc = await startOidcProvider();
  await oidc.failNext(100, { status: 503, headers: { "retry-after": "30" } });
  const { machine } = fleetOf(oidc);
  const codes = await Promise.all(
    Array.from({ length: 8 }, () => machine().resolve("polaris:rest").catch((error) => error.code)),
  );
  assertEquals([await oidc.tokenRequests(), ...new Set(codes)], [1, "unavailable"]);
});

Deno.test("a client that the server refuses is refused to a fleet once, and a rotated secret is used by those that have it", async () => {
  await using oidc = await startOidcProvider();
  const { machine } = fleetOf(oidc);
  const wrong = Array.from({ length: 4 }, () => machine("wrong"));
  const codes = await Promise.all(wrong.map((each) => each.resolve("polaris:rest").catch((error) => error.code)));
  assertEquals([await oidc.tokenRequests(), ...new Set(codes)], [1, "denied"]);
  const right = await Promise.all(Array.from({ length: 4 }, () => machine().resolve("polaris:rest")));
  assertEquals([await oidc.tokenRequests(), new Set(right.map((each) => each.get("token"))).size], [2, 1]);
});

Deno.test("a fleet without its server goes on with its token, and has one new one once the server is back", async () => {
  await using oidc = await startOidcProvider();
  const { clock, machine } = fleetOf(oidc);
  const machines = Array.from({ length: 4 }, () => machine());
  const all = await Promise.all(machines.map((each) => each.resolve("polaris:rest")));
  await oidc.pause();
  clock.shift(0.9 * HOUR);
  const held = await Promise.all(machines.map((each) => each.resolve("polaris:rest")));
  assert(held.every((each) => each.get("token") === all[0]!.get("token")));
  await oidc.resume();
  clock.shift(2 * HOUR);
  const fresh = await Promise.all(machines.map((each) => each.resolve("polaris:rest")));
  assertEquals([await oidc.tokenRequests(), new Set(fresh.map((each) => each.get("token"))).size], [2, 1]);
});

Deno.test("a fleet that exchanges a token has one for each subject, and never that of another one", async () => {
  const clock = shiftedClock();
  const register = new MemoryRegister(clock);
  const share = register.engine()({ seal: "fleet:seal", lease: 10_000, timeout: 5_000 });
  await using issuer = await startJwtIssuer();
  await using oidc = await startOidcProvider();
  await oidc.trust(issuer);
  const machine = (subject: string, requestedTokenType?: string) =>
    createResolver(
      {
        stores: {
          exchange: oauth2({
            priority: 2,
            tokenEndpoint: oidc.tokenEndpoint,
            grant: "token_exchange",
            authentication: "none",
            client: "own:client",
            subjectToken: "own:subject",
            subjectTokenType: "urn:ietf:params:oauth:token-type:jwt",
            resource: "urn:alphaswarm:polaris",
            ...requestedTokenType && { requestedTokenType },
            share,
          }),
          memory: memory({ priority: 1, values: { client_id: "public", token: subject, key: SEAL } }),
        },
        credentials: {
          "own:client": { fields: { client_id: required() }, from: { memory: { prefix: "" } } },
          "own:subject": { fields: { token: required() }, from: { memory: { prefix: "" } } },
          "fleet:seal": { fields: { key: required() }, from: { memory: { prefix: "" } } },
          "polaris:rest": { fields: { token: required() }, from: { exchange: { fields: { token: "access_token" } } } },
        },
      } as never,
      { clock },
    ) as Resolver;
  const aud = oidc.issuer;
  const [one, two] = [await issuer.sign({ aud, sub: "one" }), await issuer.sign({ aud, sub: "two" })];
  const machines = [machine(one), machine(one), machine(two), machine(two)];
  const tokens = await Promise.all(machines.map(async (each) => (await each.resolve("polaris:rest")).get("token")));
  assertEquals(tokens.map((each) => decodeJwt(String(each)).subject), ["one", "one", "two", "two"]);
  assertEquals([await oidc.tokenRequests(), new Set(tokens).size], [2, 2]);
  await machine(one, "urn:ietf:params:oauth:token-type:jwt").resolve("polaris:rest");
  assertEquals(await oidc.tokenRequests(), 3);
});

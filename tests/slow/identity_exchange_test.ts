/**
 * A chain that starts with no secret: a pod's token is exchanged (RFC 8693) at a real `oidc-provider`, which trusts the
 * issuer of the cluster, and a resource takes the token. The issuer is a stand-in for a cluster's, and the client is a
 * public one. Which tokens are exchanged is code of this repository (`oidc_grants.ts`): `oidc-provider` leaves that open.
 */
import { assertEquals, assertGreater } from "@std/assert";
import { createResolver, defineChain, type Host, memory, required } from "../../mod.ts";
import { tokenFile } from "../../src/stores/identity/mod.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { busyCallers } from "../support/fixtures/busy_callers.ts";
import { expiredOnItsWay } from "../support/fixtures/expired_on_its_way.ts";
import { outcomeOf } from "../support/fixtures/outcome_of.ts";
import { projectToken } from "../support/fixtures/projected_token.ts";
import { until } from "../support/fixtures/until.ts";
import { type JwtIssuer, startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";

const CALLERS = 50;
const RESOURCE = "urn:alphaswarm:polaris";
const SUBJECT = "system:serviceaccount:default:app";
const GOOD = 'from "exchange"';

function resolverOf({ tokenEndpoint, clients }: OidcProvider, path: string, host: Host = {}) {
  const chain = defineChain({
    stores: {
      exchange: oauth2({
        priority: 300,
        tokenEndpoint,
        grant: "token_exchange",
        subjectToken: "pod:identity",
        subjectTokenType: "urn:ietf:params:oauth:token-type:jwt",
        client: "pod:client",
        authentication: "none",
        resource: RESOURCE,
      }),
      pod: tokenFile({ priority: 200, path }),
      given: memory({ priority: 100, values: { client_id: clients.public.clientId } }),
    },
    credentials: {
      "pod:identity": { fields: { token: required() }, from: { pod: { fields: { token: "token" } } } },
      "pod:client": { fields: { client_id: required() }, from: { given: { prefix: "" } } },
      "polaris:rest": { fields: { token: required() }, from: { exchange: { fields: { token: "access_token" } } } },
    },
  });
  return createResolver(chain, host);
}

Deno.test("a pod's token is exchanged for one that a resource takes, and renewed under load past rotations", async (t) => {
  await using issuer = await startJwtIssuer();
  await using oidc = await startOidcProvider({ lifetimes: { [RESOURCE]: 3 } });
  await oidc.trust(issuer);
  await t.step("renewed under load", () => renewUnderLoad(issuer, oidc));
  await t.step("what goes wrong", (t) => goWrong(issuer, oidc, t));
});

async function renewUnderLoad(issuer: JwtIssuer, oidc: OidcProvider): Promise<void> {
  const tokenOf = () => issuer.sign({ sub: SUBJECT, aud: oidc.issuer, jti: crypto.randomUUID() });
  using file = projectToken(await tokenOf());
  const exchanged: string[] = [];
  const send: typeof fetch = (input, init) => {
    const subject = new URLSearchParams(String(init?.body)).get("subject_token");
    if (subject) exchanged.push(subject);
    return fetch(input, init);
  };
  await using resolver = resolverOf(oidc, file.path, { fetch: send });
  const tokens = new Set<string>();
  const work = async () => {
    const credential = await resolver.resolve("polaris:rest");
    const token = credential.get("token");
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(oidc.protectedUrl(RESOURCE), { headers });
    const { subject } = Object(await answer.json().catch(() => undefined));
    if (expiredOnItsWay(answer.status, credential)) return;
    assertEquals([answer.status, subject, credential.degraded], [200, SUBJECT, false]);
    tokens.add(token);
  };
  const done = await busyCallers(CALLERS, work, async () => {
    await until("three tokens", () => Promise.resolve(tokens.size > 2 || undefined));
    // Hint: the server refuses the old key at once, and the file is read again within ten seconds or when it is refused.
    await issuer.rotate();
    const token = await tokenOf();
    file.write(token);
    await until("the new token of the pod", () => Promise.resolve(exchanged.at(-1) === token || undefined));
    await until("five tokens", () => Promise.resolve(tokens.size > 4 || undefined));
  });
  if (Deno.env.get("FIGURES")) console.log({ done, tokens: tokens.size, requests: exchanged.length });
  assertGreater(done, 100);
}

async function goWrong(issuer: JwtIssuer, oidc: OidcProvider, t: Deno.TestContext): Promise<void> {
  const tokenOf = (claims: object = {}) => issuer.sign({ sub: SUBJECT, aud: oidc.issuer, ...claims });
  const outcome = async (token: string) => {
    using file = projectToken(token);
    await using resolver = resolverOf(oidc, file.path);
    return (await outcomeOf(resolver.resolve("polaris:rest"))).replace(file.path, "FILE");
  };
  const refused =
    'denied: "exchange" is denied: "pod:identity" from "pod" was refused (HTTP 400, invalid_request), or a parameter of ' +
    "the request is wrong";
  const rows: readonly [name: string, find: () => Promise<string>, expected: string][] = [
    ["nothing", async () => outcome(await tokenOf()), GOOD],
    ["another audience", async () => outcome(await tokenOf({ aud: "elsewhere" })), refused],
    [
      "a token that has expired",
      async () => outcome(await tokenOf({ exp: Math.floor(Date.now() / 1_000) - 120 })),
      'invalid: "exchange" is invalid: needs "pod:identity": "pod" is invalid: the token in FILE expired 2 min ago: ' +
      "renew the file, or correct this machine's clock",
    ],
    [
      "the issuer has dropped the key",
      async () => {
        const old = await tokenOf();
        await issuer.rotate();
        return await outcome(old);
      },
      refused,
    ],
    [
      "the issuer has dropped the key of the token that is held, and the file has another one",
      async () => {
        using file = projectToken(await tokenOf());
        await using resolver = resolverOf(oidc, file.path);
        await resolver.resolve("polaris:rest");
        await issuer.rotate();
        file.write(await tokenOf());
        resolver.invalidate("polaris:rest");
        return await outcomeOf(resolver.resolve("polaris:rest"));
      },
      GOOD,
    ],
    [
      "the issuer is down",
      async () => {
        await issuer.pause();
        return await outcome(await tokenOf());
      },
      refused,
    ],
    [
      "it is up again",
      async () => {
        issuer.resume();
        return await outcome(await tokenOf());
      },
      GOOD,
    ],
    [
      "the server is down",
      async () => {
        await oidc.pause();
        return await outcome(await tokenOf());
      },
      'unavailable: "exchange" is unavailable: no connection to the server: the connection was refused',
    ],
  ];
  for (const [name, find, expected] of rows) await t.step(name, async () => assertEquals(await find(), expected));
}

/** Which variables lead the shipped chain to which request, by the servers that people run. */
import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { exportPKCS8, generateKeyPair } from "npm:jose@^6";
import { generate } from "npm:selfsigned@^5";
import chain from "../chain.config.ts";
import { createResolver } from "../mod.ts";
import { check, permissions } from "../src/report/mod.ts";
import { testHost } from "../src/testing/mod.ts";
import { rootUrl } from "./support/closed_network/root.ts";
import { type RecordingServices, startRecordingServices } from "./support/servers/recording_services.ts";

const CLIENT = { ALPHASWARM_AUTH_M2M_CLIENT_ID: "fake-id", ALPHASWARM_AUTH_M2M_CLIENT_SECRET: "fake-secret" };
const BASIC = `Basic ${btoa("fake-id:fake-secret")}`;
const GRANT = { grant_type: "client_credentials" };

type Variables = Readonly<Record<string, string>>;
type Key = Parameters<ReturnType<typeof shipped>["resolve"]>[0];

/** Returns a resolver of the shipped chain; of each variable the end of its name is given. */
function shipped(variables: Variables) {
  const env = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name.startsWith("ALPHASWARM_") ? name : `ALPHASWARM_AUTH_M2M_${name}`,
      value,
    ]),
  );
  const { files, clock: _, ...host } = testHost({ env: { ALPHASWARM_AUTH_M2M_ENABLED: "true", ...CLIENT, ...env } });
  return createResolver(chain, { ...host, files, fetch });
}

/** Resolves credentials, and returns the requests that this took. */
async function requestsOf(services: RecordingServices, variables: Variables, ...keys: readonly Key[]) {
  const before = services.requests.length;
  const resolver = shipped(variables);
  for (const key of keys) await resolver.resolve(key);
  return services.requests.slice(before);
}

Deno.test("with a token URL and a client alone, the shipped chain asks as it always did", async () => {
  await using services = startRecordingServices();
  const [polaris, trino, minio, ...rest] = await requestsOf(
    services,
    { TOKEN_URL: `${services.origin}/token` },
    "polaris:rest",
    "iceberg:rest",
    "trino:basic",
    "minio:identity",
  );
  const sent = { path: "/token", authorization: BASIC, realm: null };
  assertEquals(polaris, { ...sent, body: { ...GRANT, resource: "urn:alphaswarm:polaris" } });
  assertEquals(trino, { ...sent, body: { ...GRANT, resource: "urn:alphaswarm:trino" } });
  assertEquals(minio, { ...sent, body: { ...GRANT, resource: "urn:alphaswarm:minio" } });
  assertEquals(rest, []);
});

Deno.test("variables point the shipped chain at Keycloak: an issuer, no resource, and a scope for each audience", async () => {
  await using services = startRecordingServices();
  const requests = await requestsOf(
    services,
    {
      ISSUER: `${services.origin}/issuer`,
      RESOURCE_PARAMETER: "none",
      SCOPE: "openid",
      POLARIS_SCOPE: "polaris",
      TRINO_SCOPE: "trino",
    },
    "polaris:rest",
    "iceberg:rest",
    "trino:basic",
    "minio:identity",
  );
  assertEquals(requests.map(({ path, body }) => [path, body]), [
    ["/named", { ...GRANT, scope: "polaris" }],
    ["/named", { ...GRANT, scope: "trino" }],
    ["/named", { ...GRANT, scope: "openid" }],
  ]);
});

Deno.test("variables point the shipped chain at Polaris's own endpoint: its scope, the secret in the body, and a realm", async () => {
  await using services = startRecordingServices();
  const requests = await requestsOf(services, {
    TOKEN_URL: `${services.origin}/api/catalog/v1/oauth/tokens`,
    AUTHENTICATION: "client_secret_post",
    RESOURCE_PARAMETER: "none",
    SCOPE: "PRINCIPAL_ROLE:ALL",
    ALPHASWARM_POLARIS_REALM: "fake-realm",
  }, "polaris:rest");
  assertEquals(requests, [{
    path: "/api/catalog/v1/oauth/tokens",
    body: { ...GRANT, scope: "PRINCIPAL_ROLE:ALL", client_id: "fake-id", client_secret: "fake-secret" },
    authorization: null,
    realm: "fake-realm",
  }]);
});

Deno.test("variables point the shipped chain at Auth0: one audience for all or each service's own, and an organization", async () => {
  await using services = startRecordingServices();
  const auth0 = { TOKEN_URL: `${services.origin}/oauth/token`, ORGANIZATION: "org_fake" };
  const one = { ...auth0, AUDIENCE: "https://api.example", RESOURCE_PARAMETER: "none" };
  const [all] = await requestsOf(services, one, "polaris:rest");
  assertEquals(all?.body, { ...GRANT, audience: "https://api.example", organization: "org_fake" });
  const [own] = await requestsOf(services, { ...auth0, RESOURCE_PARAMETER: "audience" }, "polaris:rest");
  assertEquals(own?.body, { ...GRANT, audience: "urn:alphaswarm:polaris", organization: "org_fake" });
});

Deno.test("variables point the shipped chain at Entra: a scope of the API, and assertions with a certificate's thumbprint", async () => {
  await using services = startRecordingServices();
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const { cert } = await generate([{ name: "commonName", value: "client.invalid" }], { algorithm: "sha256" });
  const tokenUrl = `${services.origin}/tenant/oauth2/v2.0/token`;
  const requests = await requestsOf(services, {
    TOKEN_URL: tokenUrl,
    AUTHENTICATION: "private_key_jwt",
    RESOURCE_PARAMETER: "none",
    POLARIS_SCOPE: "api://fake-polaris/.default",
    CLIENT_SECRET: "",
    PRIVATE_KEY: await exportPKCS8(privateKey),
    CERTIFICATE: cert,
  }, "polaris:rest");
  assertEquals(requests.length, 1);
  const { client_assertion: assertion = "", ...body } = requests[0]!.body;
  assertObjectMatch(body, { ...GRANT, scope: "api://fake-polaris/.default", client_id: "fake-id" });
  assert(!("client_secret" in body) && !("resource" in body));
  const [header, claims] = assertion.split(".").slice(0, 2).map((part) =>
    JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })))
  );
  assertEquals([header.alg, typeof header["x5t#S256"], claims.iss], ["RS256", "string", "fake-id"]);
  assertEquals([claims.aud].flat(), [tokenUrl]);
});

Deno.test("an issuer beside a token URL is only whom an assertion is meant for", async () => {
  await using services = startRecordingServices();
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const [request] = await requestsOf(services, {
    TOKEN_URL: `${services.origin}/token`,
    ISSUER: "https://issuer.example",
    AUTHENTICATION: "private_key_jwt",
    PRIVATE_KEY: await exportPKCS8(privateKey),
  }, "polaris:rest");
  const claims = atob(request!.body.client_assertion!.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/"));
  assertEquals([request!.path, [JSON.parse(claims).aud].flat()], ["/token", ["https://issuer.example"]]);
});

Deno.test("the STS of the shipped chain is asked with a role where a variable names one, and else without", async () => {
  await using services = startRecordingServices();
  const { origin } = services;
  const variables = { TOKEN_URL: `${origin}/token`, ALPHASWARM_MINIO_STS_URL: `${origin}/sts` };
  const role = "arn:aws:iam::000000000000:role/fake";
  for (const expected of [undefined, role]) {
    const roles: Variables = expected ? { ALPHASWARM_MINIO_STS_ROLE_ARN: expected } : {};
    const [token, keys] = await requestsOf(services, { ...variables, ...roles, MINIO_SCOPE: "minio" }, "minio:sts");
    assertEquals([token?.path, token?.body.scope, keys?.path, keys?.body.WebIdentityToken, keys?.body.RoleArn], [
      "/token",
      "minio",
      "/sts",
      "fake-token",
      expected,
    ]);
  }
});

Deno.test("tokens can be used without an STS: its store is off until its URL is set, and no finding of a check", async () => {
  await using services = startRecordingServices();
  const resolver = shipped({ TOKEN_URL: `${services.origin}/token` });
  const [m2m, sts] = resolver.describe().stores;
  assertEquals([m2m?.state, sts?.state, sts?.reason], [
    "on",
    "off",
    'set ALPHASWARM_MINIO_STS_URL and supply "minio:identity"',
  ]);
  const report = await check(resolver, ["minio:sts", "polaris:rest"]);
  assertEquals([report.ok, report.credentials.find(({ key }) => key === "minio:sts")?.unused], [true, true]);
});

Deno.test("a client may have a secret or a private key, and without either the hint names its id and its secret", async () => {
  await using services = startRecordingServices();
  const env = { ALPHASWARM_AUTH_M2M_ENABLED: "true", ALPHASWARM_AUTH_M2M_TOKEN_URL: `${services.origin}/token` };
  const resolver = createResolver(chain, testHost({ env }));
  const error = await resolver.resolve("polaris:rest").then(() => undefined, (reason) => reason);
  assertEquals(error?.code, "invalid");
  assert(error.message.includes("ALPHASWARM_AUTH_M2M_CLIENT_ID and ALPHASWARM_AUTH_M2M_CLIENT_SECRET"), error.message);
  assert(error.message.includes("m2m-client.json#client_id and m2m-client.json#client_secret"), error.message);
});

Deno.test("a client with a private key and no secret needs no variable that says so, as the hint promises", async () => {
  await using services = startRecordingServices();
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const key = { AUTH_M2M_PRIVATE_KEY: await exportPKCS8(privateKey) };
  const resolve = async (variables: Variables) => {
    const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [`ALPHASWARM_${name}`, value]));
    const { files, clock: _, ...host } = testHost({ env });
    await createResolver(chain, { ...host, files, fetch }).resolve("polaris:rest");
    return services.requests.at(-1)!;
  };
  const on = {
    AUTH_M2M_ENABLED: "true",
    AUTH_M2M_TOKEN_URL: `${services.origin}/token`,
    AUTH_M2M_CLIENT_ID: "fake-id",
  };
  const { authorization, body } = await resolve({ ...on, ...key });
  assertEquals([authorization, body.client_assertion_type?.endsWith("jwt-bearer")], [null, true]);
  assertEquals((await resolve({ ...on, ...key, AUTH_M2M_CLIENT_SECRET: "fake-secret" })).authorization, BASIC);
});

Deno.test("the permissions of the shipped chain name every variable that points it at a server", () => {
  const { env } = permissions(chain, testHost());
  const names = ["TOKEN_URL", "ISSUER", "SCOPE", "AUDIENCE", "AUTHENTICATION", "RESOURCE_PARAMETER", "ORGANIZATION"];
  const scopes = ["POLARIS_SCOPE", "TRINO_SCOPE", "MINIO_SCOPE"];
  const all = [...names, ...scopes].map((name) => `ALPHASWARM_AUTH_M2M_${name}`);
  const others = ["ALPHASWARM_POLARIS_REALM", "ALPHASWARM_MINIO_STS_URL", "ALPHASWARM_MINIO_STS_ROLE_ARN"];
  assertEquals([...all, ...others].filter((name) => !env.includes(name)), []);
});

/** What the head of the chain's file says that is read of each credential in each store: the text behind `neo4j:basic file`. */
function headOfChain(): Record<string, string> {
  const [head = ""] = Deno.readTextFileSync(new URL("chain.config.ts", rootUrl)).split(" */");
  const texts: Record<string, string> = {};
  let [key, store] = ["", ""];
  const table = head.slice(head.lastIndexOf("\n *\n"));
  const line = /^ \* ([a-z\d:]+| {12,14}) +([a-z\d]+ )? *(\S.*)$/gm;
  for (const [, first = "", second = "", rest] of table.matchAll(line)) {
    key = first.trim() || key;
    store = second.trim() || store;
    texts[`${key} ${store}`] = `${texts[`${key} ${store}`] ?? ""} ${rest}`.trim();
  }
  return texts;
}

Deno.test("the head of the chain's file lists what is read of each credential, and nothing else", () => {
  const { "polaris:rest as": same, ...listed } = headOfChain();
  assertEquals(same, "iceberg:rest");
  const found: Record<string, readonly string[]> = {};
  for (const [at, text] of Object.entries(listed)) {
    const [, document, names = ""] = /^(?:(\S+\.json): )?(.*)$/.exec(text)!;
    found[at] = names.split(/, | or /).map((name) => document ? `${document}#${name}` : name).sort();
  }
  const read: Record<string, readonly string[]> = {};
  for (const { key, from } of createResolver(chain, testHost()).describe().credentials) {
    for (const { store, reads } of from) {
      read[`${key === "polaris:rest" ? same : key} ${store}`] = [...new Set(reads)].sort();
    }
  }
  assertEquals(found, read);
});

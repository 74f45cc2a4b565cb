import { assertEquals, assertMatch } from "@std/assert";
import { testClock } from "../../../src/testing/mod.ts";
import { type VaultChainParts, type VaultKey, vaultReason, vaultResolver } from "../../support/fixtures/vault_chain.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import {
  FORBIDDEN,
  leaseAnswer,
  loginAnswer,
  type StandInAnswers,
  startVaultStandIn,
  wrong,
} from "../../support/stand_ins/vault.ts";

const HELD = { held: "fake-held" };
const ROLE = { role_id: "fake-role", secret_id: "fake-secret" };

/** What asks each store, with what it needs. */
const STORES: readonly (readonly [VaultKey, Readonly<Record<string, string>>])[] = [
  ["vault:token", ROLE],
  ["app:basic", HELD],
  ["pg:app", HELD],
];

/** The outcome of a login, a document and a lease for each status, with an error that says nothing that is known. */
const STATUSES: Readonly<Record<number, string>> = {
  400: "denied invalid invalid",
  401: "denied denied denied",
  403: "denied denied denied",
  404: "invalid invalid invalid",
  405: "invalid invalid invalid",
  408: "unavailable unavailable unavailable",
  409: "invalid invalid invalid",
  412: "unavailable unavailable unavailable",
  413: "invalid invalid invalid",
  425: "unavailable unavailable unavailable",
  429: "unavailable unavailable unavailable",
  472: "unavailable unavailable unavailable",
  473: "unavailable unavailable unavailable",
  500: "unavailable unavailable unavailable",
  501: "unavailable unavailable unavailable",
  502: "unavailable unavailable unavailable",
  503: "unavailable unavailable unavailable",
  504: "unavailable unavailable unavailable",
};

Deno.test("each status of a Vault has the outcome that its documentation gives it, at all three stores", async () => {
  await using vault = startVaultStandIn();
  const found: Record<string, string> = {};
  for (const status of Object.keys(STATUSES)) {
    vault.answers = { "*": wrong(Number(status), "unknown") };
    const codes: string[] = [];
    for (const [key, values] of STORES) {
      await using resolver = vaultResolver({ url: vault.url, values });
      codes.push((await rejection(resolver.resolve(key))).code);
    }
    found[status] = codes.join(" ");
  }
  assertEquals(found, STATUSES);
});

Deno.test("a redirect of a standby is never followed, and no token or secret is sent where it points", async () => {
  await using other = startVaultStandIn({ "*": loginAnswer() });
  await using vault = startVaultStandIn();
  for (const status of [301, 302, 303, 307, 308]) {
    vault.answers = { "*": [status, "", { location: `${other.url}/v1/auth/approle/login` }] };
    for (const [key, values] of STORES) {
      const reason = await vaultReason({ url: vault.url, values }, key);
      assertMatch(reason, status === 307 ? / is unavailable: the server is a standby/ : / is invalid: .* redirect/);
    }
  }
  assertEquals(other.sent, []);
});

Deno.test("a Retry-After of a Vault is heeded by all three stores", async () => {
  await using vault = startVaultStandIn({ "*": [503, { errors: [] }, { "retry-after": "30" }] });
  for (const [key, values] of STORES) {
    const clock = testClock();
    await using resolver = vaultResolver({ url: vault.url, values }, { clock });
    await rejection(resolver.resolve(key));
    const asked = vault.sent.length;
    for (let call = 0; call < 5; call++) await rejection(resolver.resolve(key));
    await clock.advance(29_000);
    await rejection(resolver.resolve(key));
    assertEquals(vault.sent.length, asked, key);
    await clock.advance(5_000);
    await rejection(resolver.resolve(key));
    assertEquals(vault.sent.length, asked + 1, key);
  }
});

const DOCUMENT: StandInAnswers = {
  "GET secret/data/app": [200, {
    data: { data: { user: "app" }, metadata: { version: 1, created_time: "", deletion_time: "" } },
  }],
};

Deno.test("a namespace is used where the server has them, and a server without them is never sent a token", async () => {
  const parts = { values: HELD, all: { namespace: "team/app" } };
  const health = async (status: number, body: object) => {
    await using vault = startVaultStandIn({ ...DOCUMENT, "GET sys/health": [status, body] });
    const reason = await vaultReason({ url: vault.url, ...parts }, "app:basic");
    const asked = vault.sent.map(({ request, token, namespace }) => [request, token, namespace].join(" ").trim());
    return [asked[1] ?? "", reason];
  };
  const hit = ["GET secret/data/app fake-held team/app", 'a hit of "kv"'];
  const none = ["", '"kv" is invalid: the server has no namespaces, and would answer for its root: remove namespace'];
  const away = (status: number) => ["", `"kv" is unavailable: the server answered HTTP ${status}`];
  const cases: readonly (readonly [number, object, readonly string[]])[] = [
    [200, { version: "1.20.0+ent", enterprise: true }, hit],
    [200, { version: "1.12.3+ent" }, hit],
    [200, { version: "1.15.0+ent.hsm.fips1402" }, hit],
    [200, { version: "2.3.0" }, hit],
    [200, { version: "3.0.0-beta1" }, hit],
    [473, { version: "1.20.0+ent", enterprise: true, performance_standby: true }, hit],
    [429, { version: "2.7.2", standby: true }, hit],
    [503, { version: "2.7.2", sealed: true }, hit],
    [200, { version: "1.20.0", enterprise: false }, none],
    [200, { version: "1.12.3" }, none],
    [200, { version: "2.2.9" }, none],
    [429, { errors: ["rate limit quota exceeded"] }, away(429)],
    [502, {}, away(502)],
  ];
  for (const [status, body, expected] of cases) {
    assertEquals(await health(status, body), expected, JSON.stringify(body));
  }
});

Deno.test("that a server has namespaces is verified once for each store", async () => {
  await using vault = startVaultStandIn({ ...DOCUMENT, "GET sys/health": [200, { version: "2.3.0" }] });
  const clock = testClock();
  await using resolver = vaultResolver({ url: vault.url, values: HELD, all: { namespace: "team" } }, { clock });
  for (let call = 0; call < 3; call++) {
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
    await clock.advance(1_000);
  }
  assertEquals(vault.sent.filter(({ request }) => request === "GET sys/health").length, 1);
});

const KUBERNETES = { values: { token: "fake-jwt" }, login: { method: "kubernetes", role: "app" } } as const;

Deno.test("a login of Kubernetes at a stand-in sends role and JWT, and each refusal has its outcome", async () => {
  await using vault = startVaultStandIn({ "POST auth/kubernetes/login": loginAnswer() });
  assertEquals(await vaultReason({ url: vault.url, ...KUBERNETES }, "vault:token"), 'a hit of "login"');
  assertEquals(vault.sent[0]?.body, '{"role":"app","jwt":"fake-jwt"}');
  const refused = '"login" is denied: "vault:role" from "memory" was refused';
  const general = 'the credential, the role or the mount "kubernetes" may be wrong';
  const cases = [
    [403, "permission denied", `${refused} (HTTP 403): ${general}`],
    [
      403,
      "service account name not authorized",
      `${refused} (HTTP 403): its service account or its namespace is not one that the role accepts`,
    ],
    [
      403,
      "namespace not authorized",
      `${refused} (HTTP 403): its service account or its namespace is not one that the role accepts`,
    ],
    [400, 'invalid role name "app"', `${refused} (HTTP 400): the mount "kubernetes" has no role "app"`],
    [400, "invalid audience (aud) claim", `${refused} (HTTP 400): its audience is not one that the role accepts`],
    [
      500,
      "could not load backend configuration",
      '"login" is unavailable: the server answered HTTP 500: its log says why',
    ],
  ] as const;
  for (const [status, said, expected] of cases) {
    vault.answers = { "POST auth/kubernetes/login": wrong(status, said) };
    assertEquals(await vaultReason({ url: vault.url, ...KUBERNETES }, "vault:token"), expected);
  }
});

Deno.test("a token that is renewed for less than half is kept where another login finds no connection", async () => {
  await using vault = startVaultStandIn({
    "POST auth/approle/login": loginAnswer("fake-first", { lease_duration: 100 }),
    "POST auth/token/renew-self": [200, { auth: { lease_duration: 40 } }],
  });
  const clock = testClock();
  let isCut = false;
  const cutting: typeof fetch = (input, init) =>
    isCut && String(input).endsWith("/login") ? Promise.reject(new TypeError("cut")) : fetch(input, init);
  await using resolver = vaultResolver({ url: vault.url, values: ROLE }, { clock, fetch: cutting });
  await resolver.resolve("vault:token");
  isCut = true;
  for (const wait of [80_000, 30_000, 30_000]) {
    await clock.advance(wait);
    const renewed = await resolver.resolve("vault:token");
    assertEquals([renewed.get("token"), renewed.degraded], ["fake-first", false]);
  }
});

Deno.test("a login that may not look up itself is told from a dead one, and is kept", async () => {
  await using vault = startVaultStandIn({ "POST auth/approle/login": loginAnswer(), "*": FORBIDDEN.lacks });
  await using resolver = vaultResolver({ url: vault.url, values: ROLE }, { clock: testClock() });
  const { code } = await rejection(resolver.resolve("app:basic"));
  resolver.invalidate(await resolver.resolve("vault:token"));
  assertEquals([code, (await resolver.resolve("vault:token")).get("token")], ["denied", "fake-token"]);
  assertEquals(vault.sent.filter(({ request }) => request.endsWith("/login")).length, 1);
});

/** Bodies with HTTP 200 that hold nothing of what was asked for, or that in another form. */
const ODD: readonly unknown[] = [
  null,
  [],
  {},
  7,
  "text",
  { auth: [] },
  { auth: "x" },
  { auth: { client_token: 7 } },
  { auth: { client_token: "x" } },
  { auth: { client_token: "x", lease_duration: -1 } },
  { auth: { client_token: "x", lease_duration: "soon" } },
  { data: null },
  { data: "x" },
  { data: [] },
  { data: { data: null } },
  { data: { data: "x", metadata: 7 } },
  { data: { metadata: null } },
  { lease_id: 7 },
  { lease_id: "x", data: "x" },
  { lease_id: "x", data: {} },
  { lease_id: "x", data: { username: "u", password: "p" } },
  { lease_id: "x", lease_duration: null, data: { username: 7 } },
  { errors: "x" },
  { errors: [null, {}] },
  { warnings: 7 },
];

Deno.test("an answer of another form is refused in words, and never taken for a bug of the store or a credential", async () => {
  await using vault = startVaultStandIn();
  for (const body of ODD) {
    vault.answers = { "*": () => Response.json(body) };
    for (const [key, values] of STORES) {
      const reason = await vaultReason({ url: vault.url, values }, key);
      assertMatch(
        reason,
        / is (invalid|incomplete|unavailable): (?!its look-up threw)/,
        `${key} ${JSON.stringify(body)}`,
      );
    }
  }
});

Deno.test("names are encoded in paths, and none leads to another path", async () => {
  await using vault = startVaultStandIn({ "*": leaseAnswer() });
  const asked = async (parts: Omit<VaultChainParts, "url">, key: VaultKey) => {
    vault.sent.length = 0;
    await vaultReason({ url: `${vault.url}/behind/a/proxy//`, values: HELD, ...parts }, key);
    return vault.sent[0]?.request;
  };
  assertEquals(
    await asked({ path: "a b/c?d#e%2f" }, "app:basic"),
    "GET /behind/a/proxy/v1/secret/data/a%20b/c%3Fd%23e%252f",
  );
  assertEquals(await asked({ role: "a/b c" }, "pg:app"), "GET /behind/a/proxy/v1/database/creds/a/b%20c");
  for (const path of ["..", "a/../b", "./a", "a//b", "/a"]) {
    for (const parts of [{ path }, { kv: { mount: path } }]) await asked(parts, "app:basic").catch(() => {});
    for (const parts of [{ role: path }, { dynamic: { mount: path } }]) await asked(parts, "pg:app");
    assertEquals(vault.sent, [], path);
  }
});

Deno.test("an address with the version of the API at its end is that of the server, and its prefix is kept", async () => {
  await using vault = startVaultStandIn({ "*": [200, { data: { data: { user: "app" }, metadata: { version: 1 } } }] });
  for (const end of ["", "/", "/v1", "/v1/", "/v1//"]) {
    await using resolver = vaultResolver({ url: `${vault.url}${end}`, values: HELD });
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app", end);
  }
  assertEquals(vault.sent.map(({ request }) => request), Array(5).fill("GET secret/data/app"));
});

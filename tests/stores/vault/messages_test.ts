import { assert, assertEquals, assertFalse } from "@std/assert";
import { inspect } from "node:util";
import { persist } from "../../../src/bootstrap/mod.ts";
import { type VaultChainParts, type VaultKey, vaultResolver } from "../../support/fixtures/vault_chain.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { FORBIDDEN, type StandInAnswers, startVaultStandIn, wrong } from "../../support/stand_ins/vault.ts";

/** The start of every value in the list, which no message may contain. */
const SECRET = "hunter2";

type Case = readonly [
  message: string,
  parts: Omit<VaultChainParts, "url"> & { readonly url?: string },
  answers: StandInAnswers,
];

const ROLE = { role_id: SECRET, secret_id: SECRET };
const HELD = { values: { held: SECRET } };
const JWT = { values: { token: SECRET }, login: { method: "jwt", role: "app" } } as const;
const USERPASS = { values: { user: "app", password: SECRET }, login: { method: "userpass" } } as const;
const TEAM = { ...HELD, all: { namespace: "team" } };
const HAS_NAMESPACES: StandInAnswers = { "GET sys/health": [200, { version: "2.3.1" }] };

const login = (status: number, said: string, method = "approle"): StandInAnswers => ({
  [`POST auth/${method}/login`]: wrong(status, `${said} ${SECRET}`),
});
const mounts = (status: number, data: object): StandInAnswers => ({
  "GET secret/data/app": [404, { errors: [] }],
  "GET sys/internal/ui/mounts/secret": [status, { data }],
});
const all = (...answer: readonly [number, (object | string)?, Record<string, string>?]): StandInAnswers => ({
  "*": answer,
});
const said = (status: number, text: string): StandInAnswers => ({ "*": wrong(status, `${text} ${SECRET}`) });

const NO_SECRET = "it may be wrapped, or a proxy answered";
const REFUSED = '"login" is denied: "vault:role" from "memory" was refused (HTTP 400)';
const CANNOT_TELL = "cannot tell whether the server has namespaces: its sys/health gives no version";
const NO_NAMESPACES = "the server has no namespaces, and would answer for its root: remove namespace";
const PAGE = "is not JSON: url may be wrong, or a proxy answered";

const LOGINS: readonly Case[] = [
  [
    `${REFUSED}: its service account or its namespace is not one that the role accepts`,
    JWT,
    login(400, "service account name not authorized", "jwt"),
  ],
  ['"login" is invalid: url is not a URL', { values: ROLE, url: SECRET }, {}],
  ['"login" is invalid: url is plain http: expected https, a loopback address, or allowInsecureHttp: true', {
    values: ROLE,
    url: "http://vault.example",
  }, {}],
  ['"login" is invalid: method is not known: expected approle, jwt, kubernetes, userpass', {
    values: ROLE,
    login: { method: "ldap" as never },
  }, {}],
  ['"login" is invalid: mount is not a path: expected such as team/app', { values: ROLE, login: { mount: "" } }, {}],
  [
    '"login" is invalid: "vault:role" has no secret_id, which the method approle needs',
    { values: { role_id: SECRET } },
    {},
  ],
  ['"login" is invalid: role is not set, which the method kubernetes needs', {
    values: { token: SECRET },
    login: { method: "kubernetes" },
  }, {}],
  ['"login" is invalid: "vault:role" has a user that is not part of a path', {
    ...USERPASS,
    values: { user: "..", password: SECRET },
  }, {}],
  [
    '"login" is invalid: "vault:role" has a user that "userpass" cannot have, or that is the mount of another method',
    USERPASS,
    said(404, "unsupported path"),
  ],
  ['"login" is invalid: no auth method is mounted at "approle"', { values: ROLE }, said(404, "no handler for route")],
  ['"login" is invalid: the server has no namespace "team"', { values: ROLE, all: { namespace: "team" } }, {
    ...HAS_NAMESPACES,
    ...login(404, "namespace not found"),
  }],
  [
    '"login" is invalid: the login needs multi-factor authentication: exempt this login from it',
    { values: ROLE },
    all(200, { auth: { client_token: "", mfa_requirement: { mfa_request_id: SECRET } } }),
  ],
  [
    '"login" is invalid: the answer holds no token: it may be wrapped',
    { values: ROLE },
    all(200, { auth: null, wrap_info: { token: SECRET } }),
  ],
  ['"login" is invalid: the server answered HTTP 418', { values: ROLE }, login(418, "")],
  [
    `${REFUSED}: the credential, the role or the mount "approle" may be wrong`,
    { values: ROLE },
    login(400, "invalid role or secret ID"),
  ],
  [`${REFUSED}: the credential, the role or the mount "approle" in the namespace "team" may be wrong`, {
    values: ROLE,
    all: { namespace: "team" },
  }, { ...HAS_NAMESPACES, ...login(400, "") }],
  [`${REFUSED}: it is not a JWT`, JWT, login(400, "oidc: malformed jwt", "jwt")],
  [`${REFUSED}: it has expired`, JWT, login(400, "token is expired", "jwt")],
  [`${REFUSED}: its audience is not one that the role accepts`, JWT, login(400, "invalid audience (aud) claim", "jwt")],
  [
    `${REFUSED}: its issuer or its claims are not the expected ones`,
    JWT,
    login(400, "invalid issuer (iss) claim", "jwt"),
  ],
  [`${REFUSED}: its signature cannot be verified`, JWT, login(400, "error verifying token signature", "jwt")],
  [
    `${REFUSED}: its issuer or its claims are not the expected ones`,
    JWT,
    login(400, "error validating claims", "jwt"),
  ],
  [
    `${REFUSED}: role is not set, or the mount "approle" is for another method`,
    { values: ROLE },
    login(400, "missing role_id"),
  ],
  [`${REFUSED}: role is not set, or the mount "jwt" is for another method`, JWT, login(400, "missing role", "jwt")],
  [`${REFUSED}: the mount "jwt" has no role "app"`, JWT, login(400, 'role "app" could not be found', "jwt")],
  [
    '"login" is unavailable: the server cannot get the keys of the issuer',
    JWT,
    login(400, "error verifying token signature: fetching keys oidc: get keys failed", "jwt"),
  ],
  [
    '"login" is unavailable: the token is not valid yet: correct the clock of the server, or of the issuer',
    JWT,
    login(400, "invalid not before (nbf) claim: token not yet valid", "jwt"),
  ],
];

const LACKS = '"vault:token" from "memory" lacks the capability "read" on';

const SERVERS: readonly Case[] = [
  ['"kv" is invalid: namespace is not a path: expected such as team/app', {
    ...HELD,
    all: { namespace: "チーム" },
  }, {}],
  [`"kv" is invalid: ${NO_NAMESPACES}`, TEAM, { "GET sys/health": [200, { version: "1.17.2", enterprise: false }] }],
  [`"kv" is invalid: ${NO_NAMESPACES}`, TEAM, { "GET sys/health": [200, { version: "2.2.0" }] }],
  [`"kv" is invalid: ${CANNOT_TELL}`, TEAM, { "GET sys/health": [200, { [SECRET]: SECRET }] }],
  ['"kv" is invalid: the server has no namespace "team"', TEAM, {
    ...HAS_NAMESPACES,
    "GET secret/data/app": wrong(404, "namespace not found"),
  }],
  ['"kv" is invalid: the token holds characters that no token of the server has', {
    values: { held: `${SECRET}\n${SECRET}` },
  }, {}],
  [
    '"kv" is unavailable: the server is a standby: use the URL of the active server',
    HELD,
    all(307, "", { location: `https://${SECRET}.example` }),
  ],
  [
    '"kv" is invalid: the server answered with a redirect, which is not followed: use its final URL',
    HELD,
    all(302, "", { location: `https://${SECRET}.example` }),
  ],
  ['"kv" is unavailable: the server is sealed', HELD, said(503, "Vault is sealed")],
  ['"kv" is unavailable: the server answered HTTP 500: its log says why', HELD, said(500, "")],
  ['"kv" is unavailable: the server answered HTTP 502', HELD, all(502, `<html>${SECRET}`)],
  [`"kv" is invalid: the answer (HTTP 200) ${PAGE}`, HELD, all(200, `<html>${SECRET}`)],
  [`"kv" is invalid: the answer (HTTP 404) ${PAGE}`, HELD, all(404, `<html>${SECRET}`)],
  [`"kv" is denied: the answer (HTTP 403) ${PAGE}`, HELD, all(403, `<html>${SECRET}`)],
  ['"kv" is invalid: the answer is larger than 1024 KiB', HELD, all(200, { data: SECRET.repeat(200_000) })],
  ['"kv" is unavailable: no answer within its timeout of 50 ms', { ...HELD, all: { timeout: 50 } }, {
    "*": () => new Promise((resolve) => setTimeout(resolve, 200, new Response())),
  }],
  [`"kv" is denied: ${LACKS} secret/data/app, or nothing is mounted there`, HELD, {
    "GET secret/data/app": FORBIDDEN.lacks,
    "*": [200, {}],
  }],
  [`"kv" is denied: ${LACKS} secret/data/app in the namespace "team", or nothing is mounted there`, TEAM, {
    ...HAS_NAMESPACES,
    "*": FORBIDDEN.lacks,
  }],
  ['"kv" is denied: "vault:token" from "memory" was refused (HTTP 403): its token is not valid', HELD, {
    "*": FORBIDDEN.dead,
  }],
  ['"kv" is invalid: nothing is mounted at "secret"', HELD, said(404, "no handler for route")],
  [
    '"kv" is invalid: secret/data/app is not a path of the mount "secret": it may be of another kind',
    HELD,
    said(404, "unsupported path"),
  ],
  [
    '"kv" is invalid: secret/data/app is not a path of the mount "secret": it may be of another kind',
    HELD,
    said(405, "unsupported operation"),
  ],
  ['"kv" is invalid: the server answered HTTP 418', HELD, said(418, "")],
  [`"kv" is invalid: secret/data/app gave no secret (HTTP 200): ${NO_SECRET}`, HELD, {
    "GET secret/data/app": [200, { wrap_info: { token: SECRET }, data: null }],
  }],
  [`"kv" is invalid: secret/data/app gave no secret (HTTP 204): ${NO_SECRET}`, HELD, all(204, "")],
];

const DOCUMENTS: readonly Case[] = [
  ['"kv" is invalid: mount is not a path: expected such as team/app', { ...HELD, kv: { mount: "secret/" } }, {}],
  ['"kv" is invalid: "../app" is not the path of a secret', { ...HELD, path: "../app" }, {}],
  [
    '"kv" is invalid: "secret" is not a KV secrets engine',
    { ...HELD, kv: { version: 1 } },
    all(200, { lease_id: SECRET, data: { user: SECRET } }),
  ],
  [
    '"kv" is invalid: "secret" is version 2 of KV: remove version',
    { ...HELD, kv: { version: 1 } },
    all(404, { warnings: [SECRET] }),
  ],
  [
    '"kv" is invalid: cannot tell a missing secret from another version of KV: "secret" is not shown to the login',
    HELD,
    mounts(403, {}),
  ],
  ['"kv" is invalid: nothing is mounted at "secret"', HELD, mounts(200, { type: "kv", path: "secret/data/" })],
  ['"kv" is invalid: "secret" is not a KV secrets engine', HELD, mounts(200, { type: "pki", path: "secret/" })],
  [
    '"kv" is invalid: "secret" is version 1 of KV: set version: 1',
    HELD,
    mounts(200, { type: "kv", path: "secret/", options: null }),
  ],
];

const LEASES: readonly Case[] = [
  ['"db" is invalid: mount is not a path: expected such as team/app', { ...HELD, dynamic: { mount: "/" } }, {}],
  ['"db" is invalid: "app/" is not the name of a role', { ...HELD, role: "app/" }, {}],
  [
    '"db" is invalid: database/creds/app gave no lease: expected a path of dynamic secrets',
    HELD,
    all(200, { data: { user: SECRET } }),
  ],
  ['"db" is invalid: "database" has no role "app"', HELD, said(400, "unknown role: app")],
  [
    '"db" is invalid: the role "app" is not among the allowed_roles of its database',
    HELD,
    said(500, '"app" is not an allowed role'),
  ],
  [
    '"db" is invalid: the role "app" is of a database that "database" does not have',
    HELD,
    said(500, "failed to find entry for connection with name"),
  ],
  [
    '"db" is invalid: the creation statements of the role "app" fail at its database',
    HELD,
    said(500, "ERROR: syntax error (SQLSTATE 42601)"),
  ],
  [
    '"db" is denied: "vault:token" from "memory" has too few uses left: set token_num_uses of its role to 0',
    HELD,
    said(400, "token had one use left"),
  ],
  [`"db" is denied: ${LACKS} database/creds/app, or nothing is mounted there`, HELD, { "*": FORBIDDEN.lacks }],
  ['"db" is unavailable: the server answered HTTP 500: its log says why', HELD, said(500, "failed to connect")],
];

const MESSAGES: readonly (readonly [VaultKey, readonly Case[]])[] = [
  ["vault:token", LOGINS],
  ["app:basic", [...SERVERS, ...DOCUMENTS]],
  ["pg:app", LEASES],
];

Deno.test("every message of the stores of a Vault is in this list, and none contains a value", async () => {
  await using vault = startVaultStandIn();
  for (const [key, cases] of MESSAGES) {
    for (const [expected, parts, answers] of cases) {
      vault.answers = answers;
      await using resolver = vaultResolver({ url: vault.url, ...parts });
      const error = await rejection(resolver.resolve(key));
      assertEquals(error.message, `Cannot resolve "${key}": ${expected}`);
      assertFalse(inspect([error, resolver.describe()], { depth: 99, showHidden: true }).includes(SECRET), expected);
    }
  }
});

const KV = { version: 7, created_time: "2026-01-01T00:00:00Z", deletion_time: "" };
const THERE: StandInAnswers = { "GET secret/data/app": [200, { data: { data: { user: SECRET }, metadata: KV } }] };

/** Why a document could not be written. */
const WRITES: readonly Case[] = [
  [
    '"kv" is invalid: "secret" is version 1 of KV, which can only be read',
    { ...HELD, kv: { version: 1 } },
    all(200, { data: { user: SECRET } }),
  ],
  [
    `"kv" is denied: "vault:token" from "memory" lacks the capability "create and update" on secret/data/app, or nothing is mounted there`,
    HELD,
    { ...THERE, "*": FORBIDDEN.lacks },
  ],
  ['"kv" is invalid: the server answered HTTP 413', HELD, { ...THERE, ...said(413, "entry too large") }],
  ['"kv" is unavailable: the server is sealed', HELD, { ...THERE, ...said(503, "Vault is sealed") }],
];

Deno.test("every message of a write to a Vault is in this list, and none contains a value", async () => {
  await using vault = startVaultStandIn();
  for (const [expected, parts, answers] of WRITES) {
    vault.answers = answers;
    await using resolver = vaultResolver({ url: vault.url, ...parts });
    const { message } = await rejection(persist(resolver, "app:basic", { user: SECRET } as never));
    assertEquals(message.slice(message.indexOf('"kv" is ')), expected);
    assertFalse(message.includes(SECRET), message);
  }
});

/** The texts of refusals in the source of the stores, as patterns. */
function patterns(): readonly RegExp[] {
  const directory = new URL("../../../src/stores/vault/", import.meta.url);
  const sources = [...Deno.readDirSync(directory)].map(({ name }) => Deno.readTextFileSync(new URL(name, directory)));
  const refusal = /\b(?:denied|invalid|unavailable)\(\s*(`[^`]*`|"[^"\n]*"|'[^'\n]*')|=> (`[^`]*`|"[^"\n]*"),? *\]/g;
  return sources.flatMap((source) => [...source.replace(/\/\*\*.*?\*\//gs, "").matchAll(refusal)])
    .map(([, thrown, reason]) => (thrown ?? reason)!.slice(1, -1).split(/\$\{(?:[^{}]|\{[^}]*\})*\}/))
    .map((parts) => new RegExp(parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".*")));
}

Deno.test("no refusal in the source of the stores of a Vault is missing from this list", () => {
  const listed = [
    ...MESSAGES.flatMap(([, cases]) => cases.map(([message]) => message)),
    ...WRITES.map(([message]) => message),
  ];
  const all = patterns();
  assert(all.length > 40, `Expected all refusals, found ${all.length}`);
  assertEquals(all.filter((pattern) => !listed.some((message) => pattern.test(message))), []);
});

import { assertEquals } from "@std/assert";
import { type VaultChainParts, type VaultKey, vaultReason } from "../support/fixtures/vault_chain.ts";
import { startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import type { VaultAdmin } from "../support/servers/vault_admin.ts";
import { startVaultDatabase, type VaultDatabase } from "../support/servers/vault_database.ts";

/** What an operator does before, if anything; what is asked for; and the message. */
type Row = readonly [
  situation: string,
  key: VaultKey,
  parts: Omit<VaultChainParts, "url">,
  message: string,
  arrange?: () => PromiseLike<unknown>,
];

/** Returns the message of each row as a real server makes it, by what went wrong. */
async function found(url: string, rows: readonly Row[]): Promise<Record<string, string>> {
  const messages: Record<string, string> = {};
  for (const [situation, key, parts, , arrange] of rows) {
    await arrange?.();
    messages[situation] = await vaultReason({ url, ...parts }, key);
  }
  return messages;
}

function expected(rows: readonly Row[]): Record<string, string> {
  return Object.fromEntries(rows.map(([situation, , , message]) => [situation, message]));
}

function test(name: string, rows: (servers: VaultDatabase) => Promise<readonly Row[]>): void {
  serverTest(name, ["openbao", "postgres"], async () => {
    await using servers = await startVaultDatabase();
    const all = await rows(servers);
    assertEquals(await found(servers.vault.url, all), expected(all));
  });
}

const REFUSED = '"login" is denied: "vault:role" from "memory" was refused (HTTP 400)';
const UNSURE = "the credential, the role or the mount";

/** Makes a token of a policy, and returns it. */
async function tokenFor({ admin }: VaultAdmin, policy: string, options: object = {}): Promise<string> {
  return (await admin("POST", "auth/token/create", { policies: [policy], ...options })).auth.client_token;
}

test("each mistake of a login at a real OpenBao has a message that says what to do", async ({ vault }) => {
  const { admin } = vault;
  const role = await vault.addAppRole("app");
  for (const type of ["userpass", "jwt"]) await admin("POST", `sys/auth/${type}`, { type });
  await admin("POST", "auth/userpass/users/app", { password: "not-a-secret" });
  await admin("POST", "sys/namespaces/team", {});
  const user = { user: "app", password: "not-a-secret" };
  const userpass = { login: { method: "userpass" as const } };
  const second = await admin("POST", "identity/mfa/method/totp", { issuer: "test" });
  const { data } = await admin("GET", "sys/auth");
  return [
    [
      "no secret_id",
      "vault:token",
      { values: { role_id: role.role_id } },
      '"login" is invalid: "vault:role" has no secret_id, which the method approle needs',
    ],
    [
      "wrong secret_id",
      "vault:token",
      { values: { ...role, secret_id: "wrong" } },
      `${REFUSED}: ${UNSURE} "approle" may be wrong`,
    ],
    [
      "mistyped mount",
      "vault:token",
      { values: role, login: { mount: "aprole" } },
      `"login" is denied: "vault:role" from "memory" was refused (HTTP 403): ${UNSURE} "aprole" may be wrong`,
    ],
    [
      "mount of another method",
      "vault:token",
      { values: role, login: { mount: "userpass" } },
      `"login" is denied: "vault:role" from "memory" was refused (HTTP 403): ${UNSURE} "userpass" may be wrong`,
    ],
    [
      "token at the mount of approle",
      "vault:token",
      { values: { token: "x" }, login: { method: "jwt", mount: "approle", role: "app" } },
      `"login" is denied: "vault:role" from "memory" was refused (HTTP 500): role is not set, or the mount "approle" is for another method`,
    ],
    [
      "mount that leads elsewhere",
      "vault:token",
      { values: role, login: { mount: "../sys" } },
      '"login" is invalid: mount is not a path: expected such as team/app',
    ],
    [
      "unknown namespace",
      "vault:token",
      { values: role, all: { namespace: "nowhere" } },
      '"login" is invalid: the server has no namespace "nowhere"',
    ],
    [
      "no such mount in the namespace",
      "vault:token",
      { values: role, all: { namespace: "team" } },
      `"login" is denied: "vault:role" from "memory" was refused (HTTP 403): ${UNSURE} "approle" in the namespace "team" may be wrong`,
    ],
    [
      "wrong password",
      "vault:token",
      { values: { ...user, password: "wrong" }, ...userpass },
      `${REFUSED}: ${UNSURE} "userpass" may be wrong`,
    ],
    [
      "user with a slash",
      "vault:token",
      { values: { ...user, user: "team/app" }, ...userpass },
      '"login" is invalid: "vault:role" has a user that "userpass" cannot have, or that is the mount of another method',
    ],
    [
      "user that leads elsewhere",
      "vault:token",
      { values: { ...user, user: "../app" }, ...userpass },
      '"login" is invalid: "vault:role" has a user that is not part of a path',
    ],
    [
      "multi-factor authentication",
      "vault:token",
      { values: role },
      '"login" is invalid: the login needs multi-factor authentication: exempt this login from it',
      () =>
        admin("POST", "identity/mfa/login-enforcement/all", {
          mfa_method_ids: [second.data.method_id],
          auth_method_accessors: [data["approle/"].accessor],
        }),
    ],
  ];
});

test("each mistake of a JWT at a real OpenBao has a message that says what to do", async ({ vault: { admin } }) => {
  const issuer = await startJwtIssuer();
  await admin("POST", "sys/auth/jwt", { type: "jwt" });
  await admin("POST", "auth/jwt/config", { jwks_url: issuer.jwksUrl, bound_issuer: issuer.issuer });
  await admin("POST", "auth/jwt/role/app", {
    role_type: "jwt",
    user_claim: "sub",
    bound_audiences: "vault",
    bound_subject: "app",
  });
  const jwt = (token: string, role?: string): Omit<VaultChainParts, "url"> => ({
    values: { token },
    login: { method: "jwt", ...(role && { role }) },
  });
  await issuer.rotate();
  const unseen = await issuer.sign();
  await issuer.rotate();
  const valid = await issuer.sign();
  const [other, expired, foreign] = [
    await issuer.sign({ aud: "elsewhere" }),
    await issuer.sign({ exp: 1 }),
    await issuer.sign({ iss: "https://elsewhere.invalid" }),
  ];
  const [early, stranger] = [await issuer.sign({ nbf: 4e9, exp: 5e9 }), await issuer.sign({ sub: "stranger" })];
  const rotate = async () => {
    await issuer.rotate();
    // Hint: the server keeps the keys that it has until a token is signed with another one.
    await admin("POST", "auth/jwt/login", { role: "app", jwt: await issuer.sign() });
  };
  return [
    ["no role", "vault:token", jwt(valid), `${REFUSED}: role is not set, or the mount "jwt" is for another method`],
    ["unknown role", "vault:token", jwt(valid, "nope"), `${REFUSED}: the mount "jwt" has no role "nope"`],
    ["another audience", "vault:token", jwt(other, "app"), `${REFUSED}: its audience is not one that the role accepts`],
    [
      "another issuer",
      "vault:token",
      jwt(foreign, "app"),
      `${REFUSED}: its issuer or its claims are not the expected ones`,
    ],
    [
      "another subject",
      "vault:token",
      jwt(stranger, "app"),
      `${REFUSED}: its issuer or its claims are not the expected ones`,
    ],
    ["expired", "vault:token", jwt(expired, "app"), `${REFUSED}: it has expired`],
    [
      "not valid yet",
      "vault:token",
      jwt(early, "app"),
      '"login" is unavailable: the token is not valid yet: correct the clock of the server, or of the issuer',
    ],
    ["not a JWT", "vault:token", jwt("not-a-jwt", "app"), `${REFUSED}: it is not a JWT`],
    [
      "signed with a key that was rotated",
      "vault:token",
      jwt(valid, "app"),
      `${REFUSED}: its signature cannot be verified`,
      rotate,
    ],
    [
      "issuer away",
      "vault:token",
      jwt(unseen, "app"),
      '"login" is unavailable: the server cannot get the keys of the issuer',
      () => issuer[Symbol.asyncDispose](),
    ],
  ];
});

test("each mistake of a KV engine of a real OpenBao has a message that says what to do", async (servers) => {
  const { vault } = servers;
  const { admin } = vault;
  await servers.addRole("app", { ttl: "1h", max: "2h" });
  await admin("POST", "sys/mounts/old", { type: "kv", options: { version: "1" } });
  await admin("POST", "sys/mounts/transit", { type: "transit" });
  await admin("POST", "sys/namespaces/team", {});
  await admin("POST", "secret/data/app", { data: { user: "app" } });
  await admin("POST", "old/app", { user: "app" });
  await vault.setPolicy("app", { "secret/data/app": ["read"] });
  const root = { held: vault.token };
  const held = await tokenFor(vault, "app");
  const bare = await tokenFor(vault, "app", { no_default_policy: true });
  const dead = await tokenFor(vault, "app");
  await admin("POST", "auth/token/revoke", { token: dead });
  return [
    [
      "mistyped mount",
      "app:basic",
      { values: root, kv: { mount: "sekret" } },
      '"kv" is invalid: nothing is mounted at "sekret"',
    ],
    [
      "mistyped mount, and a policy",
      "app:basic",
      { values: { held }, kv: { mount: "sekret" } },
      '"kv" is denied: "vault:token" from "memory" lacks the capability "read" on sekret/data/app, or nothing is mounted there',
    ],
    [
      "version 1 read as 2",
      "app:basic",
      { values: root, kv: { mount: "old" } },
      '"kv" is invalid: "old" is version 1 of KV: set version: 1',
    ],
    [
      "version 2 read as 1",
      "app:basic",
      { values: root, kv: { version: 1 } },
      '"kv" is invalid: "secret" is version 2 of KV: remove version',
    ],
    [
      "mount of another engine",
      "app:basic",
      { values: root, kv: { mount: "transit" } },
      '"kv" is invalid: transit/data/app is not a path of the mount "transit": it may be of another kind',
    ],
    ["mount of leases read as version 1", "app:basic", {
      values: root,
      kv: { mount: "database", version: 1 },
      path: "creds/app",
    }, '"kv" is invalid: "database" is not a KV secrets engine'],
    [
      "path that leads elsewhere",
      "app:basic",
      { values: root, path: "../app" },
      '"kv" is invalid: "../app" is not the path of a secret',
    ],
    [
      "unknown namespace",
      "app:basic",
      { values: root, all: { namespace: "nowhere" } },
      '"kv" is invalid: the server has no namespace "nowhere"',
    ],
    [
      "no such mount in the namespace",
      "app:basic",
      { values: root, all: { namespace: "team" } },
      '"kv" is invalid: nothing is mounted at "secret" in the namespace "team"',
    ],
    [
      "namespace that a header cannot have",
      "app:basic",
      { values: root, all: { namespace: "チーム" } },
      '"kv" is invalid: namespace is not a path: expected such as team/app',
    ],
    [
      "path that no policy allows",
      "app:basic",
      { values: { held }, path: "other" },
      '"kv" is denied: "vault:token" from "memory" lacks the capability "read" on secret/data/other, or nothing is mounted there',
    ],
    [
      "path that no policy allows, without the default policy",
      "app:basic",
      { values: { held: bare }, path: "other" },
      '"kv" is denied: "vault:token" from "memory" lacks the capability "read" on secret/data/other, or nothing is mounted there',
    ],
    [
      "dead login",
      "app:basic",
      { values: { held: dead } },
      '"kv" is denied: "vault:token" from "memory" was refused (HTTP 403): its token is not valid',
    ],
    [
      "login that a header cannot have",
      "app:basic",
      { values: { held: "two\nlines" } },
      '"kv" is invalid: the token holds characters that no token of the server has',
    ],
    ["missing secret", "app:basic", { values: root, path: "none" }, 'no store has it: supply none#user in "kv"'],
    [
      "missing secret of version 1",
      "app:basic",
      { values: root, kv: { mount: "old", version: 1 }, path: "none" },
      'no store has it: supply none#user in "kv"',
    ],
    [
      "deleted",
      "app:basic",
      { values: root },
      'no store has it: supply app#user in "kv"',
      () => admin("DELETE", "secret/data/app"),
    ],
    [
      "destroyed",
      "app:basic",
      { values: root },
      'no store has it: supply app#user in "kv"',
      () => admin("POST", "secret/destroy/app", { versions: [1] }),
    ],
    [
      "document of another form",
      "app:basic",
      { values: root, path: "odd" },
      '"kv" is incomplete: odd is there, but has none of user: supply odd#user',
      () => admin("POST", "secret/data/odd", { data: { name: "app" } }),
    ],
    [
      "too many requests",
      "app:basic",
      { values: { held }, path: "app" },
      '"kv" is unavailable: the server answered HTTP 429',
      async () => {
        await admin("POST", "sys/quotas/rate-limit/all", { path: "secret/", rate: 1, interval: "60s" });
        await admin("POST", "secret/data/app", { data: { user: "app" } });
      },
    ],
    [
      "sealed",
      "app:basic",
      { values: root },
      '"kv" is unavailable: the server is sealed',
      () => admin("PUT", "sys/seal"),
    ],
    [
      "stopped",
      "app:basic",
      { values: root },
      '"kv" is unavailable: no connection to the server: the connection was refused',
      () => vault[Symbol.asyncDispose](),
    ],
  ];
});

test("each mistake of a database engine of a real OpenBao has a message that says what to do", async (servers) => {
  const { vault, postgres } = servers;
  const { admin } = vault;
  await servers.addRole("app", { ttl: "1h", max: "2h" });
  const roles = { db_name: "app", default_ttl: "1h" };
  await admin("POST", "database/roles/broken", { ...roles, creation_statements: ["CREATE NONSENSE"] });
  await admin("POST", "database/roles/elsewhere", { ...roles, db_name: "nowhere", creation_statements: ["SELECT 1"] });
  await admin("POST", "database/config/app", { allowed_roles: "app,broken,elsewhere" });
  await admin("POST", "database/roles/other", { ...roles, creation_statements: ["SELECT 1"] });
  await admin("POST", "sys/mounts/transit", { type: "transit" });
  await admin("POST", "secret/data/creds/app", { data: { user: "app" } });
  const root = { held: vault.token };
  const held = await tokenFor(vault, "none");
  const bare = await tokenFor(vault, "none", { no_default_policy: true });
  const once = await tokenFor(vault, "app", { num_uses: 1 });
  const dead = await tokenFor(vault, "app");
  await admin("POST", "auth/token/revoke", { token: dead });
  const lacks = (path: string, from = "memory") =>
    `"db" is denied: "vault:token" from "${from}" lacks the capability "read" on ${path}, or nothing is mounted there`;
  return [
    [
      "mistyped mount",
      "pg:app",
      { values: root, dynamic: { mount: "databse" } },
      '"db" is invalid: nothing is mounted at "databse"',
    ],
    [
      "mistyped mount, and a policy",
      "pg:app",
      { values: { held }, dynamic: { mount: "databse" } },
      lacks("databse/creds/app"),
    ],
    [
      "mount of KV",
      "pg:app",
      { values: root, dynamic: { mount: "secret" } },
      '"db" is invalid: secret/creds/app is not a path of the mount "secret": it may be of another kind',
    ],
    [
      "mount of another engine",
      "pg:app",
      { values: root, dynamic: { mount: "transit" } },
      '"db" is invalid: transit/creds/app is not a path of the mount "transit": it may be of another kind',
    ],
    [
      "data of KV as a lease",
      "pg:app",
      { values: root, dynamic: { mount: "secret/data" } },
      '"db" is invalid: secret/data/creds/app gave no lease: expected a path of dynamic secrets',
    ],
    ["path that no policy allows", "pg:app", { values: { held } }, lacks("database/creds/app")],
    [
      "path that no policy allows to an AppRole",
      "pg:app",
      { values: await vault.addAppRole("none") },
      lacks("database/creds/app", "login"),
    ],
    [
      "path that no policy allows, without the default policy",
      "pg:app",
      { values: { held: bare } },
      lacks("database/creds/app"),
    ],
    [
      "dead login",
      "pg:app",
      { values: { held: dead } },
      '"db" is denied: "vault:token" from "memory" was refused (HTTP 403): its token is not valid',
    ],
    [
      "login that is good for one request",
      "pg:app",
      { values: { held: once } },
      '"db" is denied: "vault:token" from "memory" has too few uses left: set token_num_uses of its role to 0',
    ],
    ["unknown role", "pg:app", { values: root, role: "nope" }, '"db" is invalid: "database" has no role "nope"'],
    [
      "role that leads elsewhere",
      "pg:app",
      { values: root, role: "../config/app" },
      '"db" is invalid: "../config/app" is not the name of a role',
    ],
    [
      "role whose SQL fails",
      "pg:app",
      { values: root, role: "broken" },
      '"db" is invalid: the creation statements of the role "broken" fail at its database',
    ],
    [
      "role of a database that is not configured",
      "pg:app",
      { values: root, role: "elsewhere" },
      '"db" is invalid: the role "elsewhere" is of a database that "database" does not have',
    ],
    [
      "role that its database does not allow",
      "pg:app",
      { values: root, role: "other" },
      '"db" is invalid: the role "other" is not among the allowed_roles of its database',
    ],
    [
      "database away",
      "pg:app",
      { values: root },
      '"db" is unavailable: the server answered HTTP 500: its log says why',
      () => postgres.kill(),
    ],
    ["sealed", "pg:app", { values: root }, '"db" is unavailable: the server is sealed', () => admin("PUT", "sys/seal")],
  ];
});

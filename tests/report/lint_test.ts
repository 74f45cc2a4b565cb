import { assertEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  defineStore,
  denied,
  destination,
  document,
  env,
  file,
  flag,
  memory,
  mounted,
  optional,
  required,
  setting,
  type Store,
  type Token,
  token,
  variables,
  whenSet,
} from "../../mod.ts";
import { vaultDynamic, vaultLogin } from "../../src/stores/vault/mod.ts";
import { dotenv } from "../../src/stores/dotenv/dotenv.ts";
import { lint } from "../../src/report/mod.ts";
import shipped from "../../chain.config.ts";
import { testHost } from "../../src/testing/mod.ts";
import { scriptedStore } from "../../src/testing/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";

function rules(findings: ReturnType<typeof lint>): readonly string[] {
  return findings.map(({ rule, path }) => `${rule} ${path}`);
}

Deno.test("lint() finds no problem in the shipped chain, also with a resolver, on a fresh clone or a bootstrapped one", () => {
  assertEquals(lint(shipped), []);
  assertEquals(lint(createResolver(shipped, { env: {} })), []);
  const directory = makeDirectory();
  try {
    const path = `${directory.path}/polaris-principal.json`;
    Deno.writeTextFileSync(path, '{"client_id":"runtime","client_secret":"not-a-secret"}', { mode: 0o600 });
    const env = { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory.path, ALPHASWARM_POLARIS_CLIENT_ID: "root" };
    assertEquals(lint(createResolver(shipped, { env })), []);
  } finally {
    directory.remove();
  }
});

Deno.test("lint() finds stores that are never used, and credentials that no store can have", () => {
  const findings = lint(defineChain({
    stores: { file: file({ priority: 2, directory: "state" }), env: env({ priority: 1 }) },
    credentials: {
      "db:basic": { fields: { user: required(), region: setting() }, from: { env: { fields: { region: "REGION" } } } },
    },
  }));
  assertEquals(rules(findings), ["unreachable stores.file", 'unreachable credentials["db:basic"].from']);
});

Deno.test("lint() finds a store that was installed for no credential", () => {
  const resolver = createResolver(
    defineChain({
      stores: { env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" } } } },
    }),
    testHost(),
  );
  resolver.install("spare", memory({ priority: 3 }), {});
  assertEquals(rules(lint(resolver)), ["unreachable stores.spare"]);
});

Deno.test("lint() finds a store that reads only what a higher one has read already", () => {
  const findings = lint(defineChain({
    stores: {
      first: env({ priority: 2, recheck: 5 }),
      second: env({ priority: 1 }),
      files: env({ priority: 3, files: true }),
    },
    credentials: {
      "db:basic": {
        fields: { user: required() },
        from: { first: { prefix: "DB_" }, second: { fields: { user: "DB_USER" } }, files: { prefix: "DB_" } },
      },
    },
  }));
  assertEquals(rules(findings), ['shadowed credentials["db:basic"].from.second']);
});

Deno.test("lint() does not take a flag for a variable that is merely set", () => {
  const findings = lint(defineChain({
    stores: {
      first: env({ priority: 2, enabled: whenSet("A") }),
      second: env({ priority: 1, enabled: flag("A") }),
      third: env({ priority: 3, enabled: [whenSet("A")] }),
    },
    credentials: {
      "db:basic": {
        fields: { user: required() },
        from: { first: { prefix: "DB_" }, second: { prefix: "DB_" }, third: { prefix: "DB_" } },
      },
    },
  }));
  assertEquals(findings, []);
});

Deno.test("lint() finds fields that no store maps, and destinations from stores that do not map them", () => {
  const findings = lint(defineChain({
    stores: { file: file({ priority: 2, directory: "state" }), env: env({ priority: 1 }) },
    credentials: {
      "db:basic": {
        fields: {
          user: required(),
          role: optional(),
          region: setting(),
          zone: setting({ default: "a" }),
          uri: destination({ from: ["file"] }),
        },
        from: { file: { document: "db.json", fields: { user: "user" } }, env: { fields: { user: "DB_USER" } } },
      },
    },
  }));
  assertEquals(rules(findings), [
    'unmapped credentials["db:basic"].fields.role',
    'unmapped credentials["db:basic"].fields.region',
    'unmapped credentials["db:basic"].fields.uri.from',
    'unmapped credentials["db:basic"].fields.uri',
  ]);
});

Deno.test("lint() finds a form of a document without a field, and one that an earlier form hides", () => {
  const findings = lint(defineChain({
    stores: { file: file({ priority: 1, directory: "state" }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), password: required(), role: optional() },
        from: {
          file: {
            document: "db.json",
            fields: {
              user: ["user", "/db/user", "user"],
              password: ["password", "/db/password", "password"],
              role: "role",
            },
          },
        },
      },
    },
  }));
  assertEquals(rules(findings), [
    'short_form credentials["db:basic"].from.file.fields.role',
    'shadowed credentials["db:basic"].from.file.fields',
  ]);
});

Deno.test("lint() of a resolver finds files that others can read, also through links, unless the store's mode allows it", () => {
  const directory = makeDirectory();
  try {
    const { path } = directory;
    const files = { "loose.json": 0o644, "strict.json": 0o600, "shared.json": 0o640, ".env": 0o604 };
    for (const [name, mode] of Object.entries(files)) {
      Deno.writeTextFileSync(`${path}/${name}`, "{}");
      Deno.chmodSync(`${path}/${name}`, mode);
    }
    Deno.symlinkSync("loose.json", `${path}/link.json`);
    const fields = { user: required() };
    const chain = defineChain({
      stores: {
        file: file({ priority: 3, directory: path }),
        group: file({ priority: 2, directory: path, mode: 0o640 }),
        dotenv: dotenv({ priority: 1, path: `${path}/.env` }),
      },
      credentials: {
        "a:loose": { fields, from: { file: "loose.json" } },
        "a:strict": { fields, from: { file: "strict.json" } },
        "a:link": { fields, from: { file: "link.json" } },
        "a:shared": { fields, from: { group: "shared.json" } },
        "a:absent": { fields, from: { file: "absent.json" } },
        "a:dotenv": { fields, from: { dotenv: { prefix: "A_" } } },
      },
    });
    assertEquals(lint(chain), []);
    assertEquals(rules(lint(createResolver(chain))), [
      'loose_mode credentials["a:loose"].from.file',
      'loose_mode credentials["a:link"].from.file',
      'loose_mode credentials["a:dotenv"].from.dotenv',
    ]);
    assertEquals(lint(createResolver(chain, testHost({ files: false }))), []);
  } finally {
    directory.remove();
  }
});

/** Locators, and the JSON Pointer that each was probably meant as, if any. */
const LOCATORS: readonly (readonly [locator: string, pointer?: string])[] = [
  ["a.b", "/a/b"],
  [".a", "/a"],
  ["$.a.b", "/a/b"],
  ["$['a']['b.c']", "/a/b.c"],
  ['$.a["b"]', "/a/b"],
  ["hosts[0]", "/hosts/0"],
  ["hosts[0].password", "/hosts/0/password"],
  ["$[0].p", "/0/p"],
  ["a/b", "/a/b"],
  ["a/b/", "/a/b"],
  ["./a/b", "/a/b"],
  ["#/a/b", "/a/b"],
  ["#/a/b/", "/a/b"],
  ["/a/b/", "/a/b"],
  ["/hosts[0]/p", "/hosts/0/p"],
  ["/a~b", "/a~0b"],
  ["/a~2", "/a~02"],
  ["/a/b"],
  ["/a.b"],
  ["/a~1b~0c"],
  ["/hosts/0"],
  ["a"],
  ["a_b-c d"],
  ["a~b"],
  ["$ref"],
  ["a[]"],
  ["/"],
  ["https://example.com/role"],
];

Deno.test("lint() finds a locator in another notation than JSON Pointer, and says which pointer was probably meant", () => {
  for (const [locator, pointer] of LOCATORS) {
    for (const written of [locator, `{id}:{${locator}}`]) {
      const findings = lint(defineChain({
        stores: { file: file({ priority: 1, directory: "state" }) },
        credentials: {
          "db:basic": {
            fields: { user: required() },
            from: { file: { document: "db.json", fields: { user: written } } },
          },
        },
      }));
      assertEquals(rules(findings), pointer ? ['path_notation credentials["db:basic"].from.file.fields.user'] : []);
      if (pointer) assertEquals(findings[0]?.message.match(/"(\/[^"]*)"(?!.* is )/)?.[1], pointer, locator);
    }
  }
});

Deno.test("lint() also says how to name a member that is really called so, and does not ask about a field's own name", () => {
  const from = (user: string) =>
    defineChain({
      stores: { file: file({ priority: 1, directory: "state" }) },
      credentials: {
        "db:basic": {
          fields: { user: required(), "tls.crt": optional() },
          from: { file: { document: "db.json", fields: { user, "tls.crt": "tls.crt" } } },
        },
      },
    });
  assertEquals(lint(from("a/~b")).map(({ message }) => message), [
    '"a/~b" is read as the name of one member, not as a path: expected the JSON Pointer "/a/~0b", or "/a~1~0b" for a ' +
    "member of that name",
  ]);
  assertEquals(lint(from("/a~b")).map(({ message }) => message), [
    '"/a~b" is not how a JSON Pointer is written: expected "/a~0b"',
  ]);
  assertEquals(lint(from("/tls.crt")), []);
});

function valuesChain(higher: Store<"variables", never>, lower: Store<"variables", never>) {
  return defineChain({
    stores: { higher, lower },
    credentials: {
      "db:basic": {
        fields: { user: required(), password: required(), region: setting() },
        from: { higher: { fields: NAMES }, lower: { fields: NAMES } },
      },
    },
  });
}

const NAMES = { user: "DB_USER", password: "DB_PASSWORD", region: ["DB_REGION", "REGION"] };

Deno.test("lint() of a resolver finds a variable that .env and the environment have with different values", () => {
  const directory = makeDirectory();
  try {
    const path = `${directory.path}/.env`;
    Deno.writeTextFileSync(path, "DB_USER=reader\nDB_PASSWORD=pa$word\nREGION=here\n");
    Deno.chmodSync(path, 0o600);
    const expanded = { DB_USER: "reader", DB_PASSWORD: "pa", REGION: " " };
    const chain = valuesChain(env({ priority: 2 }), dotenv({ priority: 1, path }));
    assertEquals(lint(chain), []);
    assertEquals(lint(createResolver(chain, { env: expanded })), [{
      rule: "conflicting_values",
      path: 'credentials["db:basic"].from.lower',
      message: 'DB_PASSWORD has a different value in "higher", which is asked first: remove one of them; ' +
        "Bun loads and expands .env by itself unless it is started with --no-env-file",
      key: "db:basic",
    }]);
    const same = { DB_USER: "reader", DB_PASSWORD: "pa$word" };
    assertEquals(lint(createResolver(chain, { env: same })), []);
    const reversed = valuesChain(dotenv({ priority: 2, path }), env({ priority: 1 }));
    const [finding] = lint(createResolver(reversed, { env: { DB_USER: "root", REGION: "there" } }));
    assertEquals(finding?.path, 'credentials["db:basic"].from.lower');
    assertEquals(
      finding?.message.split(";")[0],
      'DB_USER and REGION have different values in "higher", which is asked first: remove one of them',
    );
  } finally {
    directory.remove();
  }
});

Deno.test("lint() of a resolver compares the values of mounted and local stores, but asks none that needs the network or a credential", () => {
  const local = scriptedStore({ shape: variables, answers: { DB_USER: "root" } });
  const remote = scriptedStore({ shape: variables, local: false, answers: { DB_USER: "root" } });
  const late = scriptedStore({ shape: variables, later: true, answers: { DB_USER: "root" } });
  const broken = scriptedStore({ shape: variables, answers: { DB_USER: new Error("not-a-secret") } });
  const run = mounted({ priority: 2, directory: "/run/secrets" });
  const disk = { "/run/secrets/DB_USER": "reader\n", "/run/secrets/DB_PASSWORD": "not-a-secret" };
  const findingsOf = (lower: Store<"variables", never>) => {
    const host = testHost({ files: disk });
    const resolver = createResolver(valuesChain(run, lower), host);
    const before = JSON.stringify(resolver.describe());
    const findings = lint(resolver);
    assertEquals([JSON.stringify(resolver.describe()), host.events, host.clock.timers], [before, [], 0]);
    assertEquals(JSON.stringify(findings).includes("not-a-secret"), false);
    return rules(findings);
  };
  const conflict = ['conflicting_values credentials["db:basic"].from.lower'];
  assertEquals(findingsOf(local.store({ priority: 1 })), conflict);
  assertEquals(findingsOf(memory({ priority: 1, values: { DB_USER: "root" } })), conflict);
  assertEquals(findingsOf(memory({ priority: 1, values: { DB_USER: "reader" } })), []);
  assertEquals(findingsOf(memory({ priority: 1, enabled: false, values: { DB_USER: "root" } })), []);
  assertEquals(findingsOf(late.store({ priority: 1 })), []);
  assertEquals(findingsOf(broken.store({ priority: 1 })), []);
  assertEquals([findingsOf(remote.store({ priority: 1 })), remote.asked], [[], []]);
});

Deno.test("lint() of a resolver finds a NAME_FILE that env does not read, and none that is read or not needed", () => {
  const variables = {
    DB_USER: "reader",
    DB_USER_FILE: "/run/secrets/user",
    DB_PASSWORD_FILE: "/run/secrets/not-a-secret",
    DB_REGION_FILE: "not a path",
  };
  const findings = (store: Store<"variables", never>) => {
    const chain = defineChain({
      stores: { env: store },
      credentials: {
        "db:basic": {
          fields: { user: required(), password: required(), region: setting() },
          from: { env: { prefix: "DB_" } },
        },
      },
    });
    assertEquals(lint(chain), []);
    return lint(createResolver(chain, testHost({ env: variables })));
  };
  assertEquals(findings(env({ priority: 1 })), [{
    rule: "ignored_file",
    path: 'credentials["db:basic"].from.env',
    message: 'DB_PASSWORD_FILE is set, and "env" does not read it: set files: true, or set DB_PASSWORD',
    key: "db:basic",
  }]);
  assertEquals(findings(env({ priority: 1, files: true })), []);
  assertEquals(findings(env({ priority: 1, enabled: false })), []);
});

Deno.test("lint() finds nothing in a variable that is mapped by a name which ends with _FILE", () => {
  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: { "db:basic": { fields: { ca: required() }, from: { env: { fields: { ca: ["CA", "CA_FILE"] } } } } },
  });
  assertEquals(lint(createResolver(chain, testHost({ env: { CA_FILE: "/etc/ca.pem" } }))), []);
});

/** Lints a chain whose database user is mapped in this way. */
function lintDynamic(fields: Readonly<Record<string, string>>): readonly string[] {
  const user = "user" in fields ? required() : setting({ default: "app" });
  const url = "https://vault.test";
  return lint(defineChain({
    stores: {
      login: vaultLogin({ priority: 3, url, method: "approle", credential: "vault:role" }),
      db: vaultDynamic({ priority: 2, url, login: "vault:token", mount: "database" }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "vault:role": { fields: { role_id: required(), secret_id: required() }, from: { env: { prefix: "VAULT_" } } },
      "vault:token": { fields: { token: required() }, from: { login: true } },
      "pg:app": {
        fields: { password: required(), user },
        from: { db: { role: "app", fields: fields as never } },
      },
    },
  })).map(({ rule, path, message }) => `${rule} ${path}: ${message}`);
}

Deno.test("lint() finds a dynamic password that would be used with another user than its own", () => {
  const message =
    'Takes the password of "db" but not its username, which is different each time: map that to a required field';
  const finding = `split_login credentials["pg:app"].from.db.fields: ${message}`;
  assertEquals(lintDynamic({ password: "password" }), [finding]);
  assertEquals(lintDynamic({ password: "/password" }), [finding]);
  assertEquals(lintDynamic({ password: "password", user: "username" }), []);
  assertEquals(lintDynamic({ password: "/password", user: "/username" }), []);
  assertEquals(lintDynamic({ password: "secret_key" }), []);
});

Deno.test("lint() finds what a store of one's own issues together and a mapping tears apart", () => {
  const pair = defineStore({
    kind: "pair",
    shape: token,
    issuesTogether: ["id", "key", "realm"],
    open: () => () => denied("no"),
  });
  const found = (fields: Readonly<Record<string, string>>) =>
    lint(defineChain({
      stores: { pair: pair({ priority: 1 }) },
      credentials: { "a:b": { fields: { one: required(), two: optional() }, from: { pair: { fields } } } },
    })).filter(({ rule }) => rule === "split_login").map(({ message }) => message);
  assertEquals(found({ one: "id", two: "/key" }), [
    'Takes the id and key of "pair" but not its realm, which is different each time: map that to a required field',
  ]);
  assertEquals(found({ one: "realm" }).length, 1);
  assertEquals(found({ one: "other" }), []);
});

/** Resolves what ends with a login that lives as long as is said, in seconds, and lints the resolver. */
async function lintBound(ttl: number, leaseTtl: number | "never", age = 0): Promise<readonly string[]> {
  const login = scriptedStore({ shape: token, answer: { values: { token: "fake" }, expiresIn: ttl } });
  const lease = scriptedStore<"token", "login">({ shape: token, needs: ["login"], binds: ["login"] });
  lease.answer = async (_, { need }): Promise<Token> => {
    const values = { user: "app", of: (await need("login")).get("token") };
    return leaseTtl === "never" ? { values, expires: "never" } : { values, expiresIn: leaseTtl };
  };
  const host = testHost();
  const resolver = createResolver(
    defineChain({
      stores: { login: login.store({ priority: 2 }), lease: lease.store({ priority: 1, login: "vault:token" }) },
      credentials: {
        "vault:token": { fields: { token: required() }, from: { login: true } },
        "pg:app": { fields: { user: required() }, from: { lease: true } },
      },
    }),
    host,
  );
  await resolver.resolve("vault:token");
  await host.clock.advance(age * 1_000);
  await resolver.resolve("pg:app");
  return lint(resolver).map(({ rule, path, message }) => `${rule} ${path}: ${message}`);
}

Deno.test("lint() of a resolver finds a login that is shorter than its leases, and not one that is merely older", async () => {
  const message =
    'Ends with "vault:token", which expires before it otherwise would: give that a longer lifetime, or this a shorter one';
  assertEquals(await lintBound(1_200, 3_600), [`short_login credentials["pg:app"].from.lease: ${message}`]);
  assertEquals(await lintBound(3_600, 3_600), []);
  assertEquals(await lintBound(3_600, 3_600, 1_200), []);
  assertEquals(await lintBound(7_200, 3_600), []);
  assertEquals(await lintBound(3_600, "never"), []);
});

/** Lints a store that runs a program, as a user's own may. */
function lintProgram(program: string, options: object = {}, shape: typeof document | typeof token = document) {
  const store = defineStore({
    kind: "program",
    shape: shape as typeof document,
    recheck: Infinity,
    permissions: (_, { command }: { command: string }) => ({ run: [command] }),
    open: () => () => undefined,
  });
  const from = shape === token ? true : "d";
  return lint(defineChain({
    stores: { own: store({ priority: 1, command: program, ...options }) },
    credentials: { "a:b": { fields: { one: required() }, from: { own: from } } },
  } as never)).map(({ rule, path, message }) => `${rule} ${path}: ${message}`);
}

Deno.test("lint() finds a program that depends on the working directory, and no other", () => {
  for (const program of ["op", "/usr/bin/op", "C:\\bin\\op.exe"]) assertEquals(lintProgram(program), []);
  for (const program of ["./op", "bin/op", "..\\op.exe"]) {
    assertEquals(lintProgram(program), [
      `relative_program stores.own: "${program}" depends on the directory in which the process is started: give its ` +
      "absolute path",
    ]);
  }
});

Deno.test("lint() finds a program that is run every few seconds, also where no time is said", () => {
  const found = (ms: number) => [
    `frequent_program stores.own.recheck: Runs its program again after ${ms} ms, when the credential is asked for: set ` +
    "it to 60000 or more, or to Infinity",
  ];
  assertEquals(lintProgram("op", { recheck: 59_999 }), found(59_999));
  assertEquals(lintProgram("op", { recheck: 0 }), found(0));
  for (const recheck of [60_000, Infinity, undefined]) assertEquals(lintProgram("op", { recheck }), []);
  assertEquals(lintProgram("op", { recheck: 5_000 }, token).length, 1);
  const hasty = defineStore({
    kind: "hasty",
    shape: variables,
    permissions: () => ({ run: ["op"] }),
    open: () => () => undefined,
  });
  const chain = defineChain({
    stores: { own: hasty({ priority: 1 }) },
    credentials: { "a:b": { fields: { one: required() }, from: { own: { prefix: "" } } } },
  });
  assertEquals(lint(chain).map(({ rule }) => rule), ["frequent_program"]);
});

import { assertEquals } from "@std/assert";
import { createResolver, defineChain, destination, env, file, optional, required, setting } from "../../mod.ts";
import { dotenv } from "../../src/stores/dotenv/dotenv.ts";
import { lint } from "../../src/report/mod.ts";
import shipped from "../../chain.config.ts";
import { testHost } from "../../src/testing/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";

function rules(findings: ReturnType<typeof lint>): readonly string[] {
  return findings.map(({ rule, path }) => `${rule} ${path}`);
}

Deno.test("lint() finds no problem in the shipped chain", () => {
  assertEquals(lint(shipped), []);
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

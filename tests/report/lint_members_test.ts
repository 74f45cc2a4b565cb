import { assertEquals } from "@std/assert";
import { createResolver, defineChain, file, optional, required } from "../../mod.ts";
import { check, lint } from "../../src/report/mod.ts";
import { testHost } from "../../src/testing/mod.ts";

const FIELDS = { client_id: required(), password: required(), note: optional() };
const PLACE = 'credentials["db:user"].from.file';

/** Returns what lint() finds in a document at the place of a credential's, and of another one that shares it. */
function foundIn(text: string, from: unknown = "db.json", sync = true): readonly string[] {
  const chain = defineChain({
    stores: { file: file({ priority: 1, directory: "state", sync }) },
    credentials: {
      "db:user": { fields: FIELDS, from: { file: from as "db.json" } },
      "db:other": {
        fields: { password2: required() },
        from: { file: { document: "db.json", fields: { password2: "password2" } } },
      },
    },
  });
  const found = lint(createResolver(chain, testHost({ files: { "state/db.json": text } })));
  return found.filter(({ key }) => key === "db:user").map(({ rule, path, message }) => `${rule} ${path}: ${message}`);
}

function misspelled(near: string, meant: string): string {
  return `misspelled_member ${PLACE}: db.json has ${near} and lacks ${meant}: rename it, or map ${near}`;
}

Deno.test("lint() names a member that is nearly the one that a required field lacks", () => {
  for (
    const [name, meant] of [
      ["pasword", "password"],
      ["passwrod", "password"],
      ["Password", "password"],
      ["pass-word", "password"],
      ["paswrod", "password"],
      ["clientId", "client_id"],
      ["CLIENT-ID", "client_id"],
    ] as const
  ) {
    const whole: Record<string, string> = { client_id: "a", password: "b" };
    delete whole[meant];
    assertEquals(foundIn(JSON.stringify({ ...whole, [name]: "c" })), [misspelled(name, meant)], name);
  }
  assertEquals(foundIn('{"clientId": "a", "pasword": "b"}').length, 2);
});

Deno.test("lint() names a misspelled member within an object by its JSON Pointer", () => {
  const fields = { client_id: "/a~1b/client_id", password: "/a~1b/password", note: "note" };
  const from = { document: "db.json", fields };
  assertEquals(foundIn('{"a/b": {"client_id": "a", "passwort": "b"}}', from), [
    misspelled("/a~1b/passwort", "/a~1b/password"),
  ]);
});

Deno.test("lint() names no other member of a document, whose name may be a secret, and none that a credential reads", () => {
  for (
    const text of [
      '{"client_id": "a", "password": "b", "pasword": "c", "nota": "d"}',
      '{"client_id": "a", "passphrase": "b", "secret": "c"}',
      '{"client_id": "a", "pwd": "b"}',
      '{"client_id": "a", "password2": "b"}',
      "{}",
      "[]",
      "null",
      '"pasword"',
      "not JSON: pasword",
    ]
  ) {
    assertEquals(foundIn(text).filter((line) => line.startsWith("misspelled")), [], text);
  }
  assertEquals(foundIn('{"client_id": "a", "pasword": "b"}', "db.json", false), [], "what is read asynchronously");
});

Deno.test("check() names a misspelled member beside the credential that fails, and no value", async () => {
  const chain = defineChain({
    stores: { file: file({ priority: 1, directory: "state" }) },
    credentials: { "db:user": { fields: FIELDS, from: { file: "db.json" } } },
  });
  const host = testHost({ files: { "state/db.json": '{"client_id": "hunter2-a", "pasword": "hunter2-b"}' } });
  const report = await check(createResolver(chain, host));
  assertEquals([report.ok, report.credentials[0]!.code], [false, "incomplete"]);
  assertEquals(report.findings.map(({ rule, key }) => [rule, key]), [["misspelled_member", "db:user"]]);
  assertEquals(JSON.stringify(report).includes("hunter2"), false);
});

import { assertEquals } from "@std/assert";
import { createResolver } from "../../../mod.ts";
import { testInDirectory } from "../../support/fixtures/directory.ts";
import { writeProgram } from "../../support/fixtures/programs.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { Page } from "../../support/pages/page.ts";
import { importPageChain } from "../../support/pages/page_program.ts";

const CHAIN = new Page("src/stores/exec/README.md").first("ts");

/** Each command with what the vendor documents that it prints; `expected` is the rest of the credential. */
const STAND_INS:
  readonly (readonly [key: string, store: string, command: string, printed: string, expected: object])[] = [
    ["github:api", "op", "op read op://dev/github/token", "not-a-token", { token: "not-a-token" }],
    ["github:api", "gh", "gh auth token --hostname github.com", "not-a-token", { token: "not-a-token" }],
    [
      "aws:keys",
      "sso",
      "aws configure export-credentials --profile dev --format process",
      '{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "s", "SessionToken": "t", ' +
      '"Expiration": "2999-01-01T00:00:00.189000+00:00"}',
      { access_key: "a", secret_key: "s", session_token: "t" },
    ],
    [
      "kubernetes:api",
      "eks",
      "aws eks get-token --cluster-name dev --output json",
      '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1", "spec": {}, ' +
      '"status": {"expirationTimestamp": "2999-01-01T00:00:00Z", "token": "not-a-token"}}',
      { token: "not-a-token" },
    ],
    [
      "neo4j:basic",
      "gcloud",
      "gcloud secrets versions access latest --secret=neo4j",
      '{"user":"reader","password":"not-a-secret"}',
      { user: "reader", password: "not-a-secret" },
    ],
    [
      "postgres:app",
      "az",
      "az keyvault secret show --vault-name dev --name pg --output json",
      '{"attributes": {"enabled": true}, "contentType": null, "name": "pg", "value": "not-a-secret"}',
      { password: "not-a-secret" },
    ],
    ["smtp:app", "pass", "pass show apps/smtp", "not-a-secret", { password: "not-a-secret" }],
  ];

testInDirectory(
  "the chain of the page takes what stand-ins print, which are called as the vendors' programs are",
  async (directory) => {
    const chain = await importPageChain(CHAIN);
    for (const [key, store, command, printed, expected] of STAND_INS) {
      const [name = "", ...args] = command.split(" ");
      for (const { name } of Deno.readDirSync(directory)) Deno.removeSync(`${directory}/${name}`);
      // Hint: the other programs are there and fail, as those that nobody logged in to.
      for (const other of ["op", "gh", "aws", "gcloud", "az", "pass"]) writeProgram(directory, other, "exit 1");
      writeProgram(directory, name, `[ "$*" = '${args.join(" ")}' ] || exit 1\ncat <<'END'\n${printed}\nEND`);
      const credential = await createResolver(chain, { env: { PATH: `${directory}:/usr/bin:/bin` } }).resolve(
        key as never,
      );
      assertEquals(credential.source, store, key);
      assertEquals(
        Object.fromEntries(Object.keys(expected).map((name) => [name, credential.get(name as never)])),
        expected,
      );
    }
  },
);

testInDirectory("a program of the page that is not installed is named, and stops the walk", async (directory) => {
  const chain = await importPageChain(CHAIN);
  const error = await rejection(createResolver(chain, { env: { PATH: directory } }).resolve("aws:keys" as never));
  assertEquals([error.code, error.message], [
    "invalid",
    'Cannot resolve "aws:keys": "sso" is invalid: aws is not in PATH: install it, or write its absolute path',
  ]);
});

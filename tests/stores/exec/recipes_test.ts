import { assertEquals } from "@std/assert";
import { createResolver } from "../../../mod.ts";
import { rootUrl } from "../../support/closed_network/root.ts";
import { testInDirectory } from "../../support/fixtures/directory.ts";
import { writeProgram } from "../../support/fixtures/programs.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const PAGE = Deno.readTextFileSync(new URL("src/stores/exec/README.md", rootUrl));

/** Loads the chain of the page, with the sources in place of the package. */
async function pageChain(directory: string) {
  const [, code = ""] = /^```ts\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];
  const path = `${directory}/chain.ts`;
  const source = code
    .replace('"@alphaswarm/credentials"', JSON.stringify(new URL("mod.ts", rootUrl)))
    .replace('"@alphaswarm/credentials/exec"', JSON.stringify(new URL("src/stores/exec/mod.ts", rootUrl)));
  Deno.writeTextFileSync(path, source);
  return (await import(`file://${path}`)).default;
}

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
    const chain = await pageChain(directory);
    for (const [key, store, command, printed, expected] of STAND_INS) {
      const [name = "", ...args] = command.split(" ");
      for (const { name } of Deno.readDirSync(directory)) {
        if (name !== "chain.ts") {
          Deno.removeSync(`${directory}/${name}`);
        }
      }
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
  const chain = await pageChain(directory);
  const error = await rejection(createResolver(chain, { env: { PATH: directory } }).resolve("aws:keys" as never));
  assertEquals([error.code, error.message], [
    "invalid",
    'Cannot resolve "aws:keys": "sso" is invalid: aws is not in PATH: install it, or write its absolute path',
  ]);
});

import { assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "npm:yaml@^2.9.1";
import { createResolver } from "../../../mod.ts";
import { testClock, testHost } from "../../../src/testing/mod.ts";
import { fakeJwt } from "../../support/fixtures/fake_jwt.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { importPageChain } from "../../support/pages/page_program.ts";
import { Page } from "../../support/pages/page.ts";

const PAGE = new Page("src/stores/identity/README.md");
/** The kubelet replaces a token after four fifths of its life, and Keycloak takes none that is older than an hour. */
const OLDEST_S = 3_600 / 0.8;

Deno.test("the permission that a job needs by the identities' page is the one that a job without it is told", async () => {
  const [block] = PAGE.blocks("`githubActions`", "yaml");
  const { permissions } = parse(block) as { permissions: Record<string, string> };
  assertEquals(permissions, { "id-token": "write" });
  const chain = await importPageChain(PAGE.first("ts"));
  const host = testHost({ env: { VAULT_ADDR: "https://vault.example", GITHUB_ACTIONS: "true" } });
  const error = await rejection(createResolver(chain, host).resolve("app:identity" as never));
  assertStringIncludes(error.message, "the job needs permissions: id-token: write");
});

Deno.test("the volume of the identities' page puts the token where its chain reads it, for the realm that it asks", async () => {
  const [code] = PAGE.blocks("A pod, at Keycloak", "ts");
  const [block] = PAGE.blocks("A pod, at Keycloak", "yaml");
  const { volumes: [volume] } = parse(block);
  const [{ serviceAccountToken }] = volume.projected.sources;
  const [, realm] = /tokenEndpoint: "(.*)\/protocol\/openid-connect\/token"/.exec(code) ?? [];
  const [, directory, file] = /path: "(.*)\/(.*?)"/.exec(code) ?? [];
  assertEquals([serviceAccountToken.audience, serviceAccountToken.path], [realm, file]);
  assertEquals([volume.name, serviceAccountToken.expirationSeconds <= OLDEST_S], ["tokens", true]);

  const clock = testClock();
  const exp = clock.now() / 1_000 + 600;
  const refuse = () => Promise.resolve(Response.json({ error: "invalid_client" }, { status: 400 }));
  const host = testHost({
    files: { [`${directory}/${file}`]: fakeJwt({ exp }) },
    fetch: refuse,
    clock,
  });
  const error = await rejection(createResolver(await importPageChain(code), host).resolve("polaris:rest" as never));
  const [shown] = PAGE.blocks("Errors, by server", "text");
  assertEquals(error.message, shown?.trimEnd());
});

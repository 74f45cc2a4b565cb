import { assertEquals, assertStringIncludes } from "@std/assert";
import { createResolver, type Resolver } from "../../mod.ts";
import { survey } from "../../src/report/mod.ts";
import chain from "../support/fixtures/three_needs_chain.ts";
import { pageOf, textOf } from "../support/route/page_text.ts";

/** Returns the text of a page of the describe route, after its local stores were asked. */
async function pageText(path: string, env: Readonly<Record<string, string>>): Promise<string> {
  const resolver = createResolver(chain, { env: { VAULT_ADDR: "http://127.0.0.1:9", ...env } });
  await survey(resolver);
  if (env.VAULT_ROLE_ID) await resolver.resolve("pg:app").catch(() => {});
  return textOf(await pageOf(resolver as Resolver<never>, path));
}

Deno.test("the page shows what the stores of a credential need as a tree, and what is missing at its root", async () => {
  const text = await pageText("/", {});
  assertStringIncludes(text, " pg:app not asked db needs vault:role, which is missing ");
  assertStringIncludes(
    text,
    " What its stores need db ← vault:token not asked login ← vault:role missing not in env Fields ",
  );
});

Deno.test("the page of one credential shows what its stores need too, with the cause once", async () => {
  const text = await pageText("/pg/app", { VAULT_ROLE_ID: "fake-role", VAULT_SECRET_ID: "fake-secret" });
  assertStringIncludes(text, " pg:app error db needs vault:token, which is unavailable ");
  assertStringIncludes(
    text,
    " What its stores need db ← vault:token error login is unavailable login ← vault:role ok env Fields ",
  );
  assertEquals(text.includes("fake-"), false);
});

Deno.test("the page shows the mount and the namespace of a store", async () => {
  const text = await pageText("/", {});
  assertStringIncludes(
    text,
    " kv on vaultKv, document, priority 250 mount: secret; namespace: team url: VAULT_ADDR is set ",
  );
});

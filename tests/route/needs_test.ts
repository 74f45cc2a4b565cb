import { assertEquals, assertStringIncludes } from "@std/assert";
import { createResolver } from "../../mod.ts";
import { describeRoute } from "../../src/route/mod.ts";
import { survey } from "../../src/report/mod.ts";
import chain from "../support/fixtures/three_needs_chain.ts";

/** Returns the text of a page of the describe route, after its local stores were asked. */
async function pageOf(path: string, env: Readonly<Record<string, string>>): Promise<string> {
  const resolver = createResolver(chain, { env: { VAULT_ADDR: "http://127.0.0.1:9", ...env } });
  await survey(resolver);
  if (env.VAULT_ROLE_ID) await resolver.resolve("pg:app").catch(() => {});
  const route = describeRoute(resolver, { auth: "none", allowUnauthenticated: true });
  const answer = await route.request(path, { headers: { Accept: "text/html" } });
  const html = await answer.text();
  return html.replaceAll(/<style>[^]*<\/style>|<script>[^]*<\/script>|<[^>]+>|\s+/g, " ").replaceAll(/ +/g, " ")
    .replaceAll("&#39;", "'");
}

Deno.test("the page shows what the stores of a credential need as a tree, and what is missing at its root", async () => {
  const text = await pageOf("/", {});
  assertStringIncludes(text, " pg:app not asked yet db needs vault:role, which is missing ");
  assertStringIncludes(
    text,
    " What its stores need db ← vault:token not asked yet login needs vault:role, which is missing " +
      "login ← vault:role missing No store has it; the caller's default is used if there is one Fields ",
  );
});

Deno.test("the page of one credential shows what its stores need too, with the cause once", async () => {
  const text = await pageOf("/pg/app", { VAULT_ROLE_ID: "fake-role", VAULT_SECRET_ID: "fake-secret" });
  assertStringIncludes(text, " pg:app stopped db needs vault:token, which is unavailable ");
  assertStringIncludes(
    text,
    " What its stores need db ← vault:token stopped login is unavailable: no connection to the server " +
      "login ← vault:role env in use env is asked first and has it Fields ",
  );
  assertEquals(text.includes("fake-"), false);
});

Deno.test("the page shows the mount and the namespace of a store", async () => {
  const text = await pageOf("/", {});
  assertStringIncludes(
    text,
    " kv on vaultKv, document, priority 250 mount: secret; namespace: team url: VAULT_ADDR is set ",
  );
});

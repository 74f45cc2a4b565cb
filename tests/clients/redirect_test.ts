import { assertEquals, assertRejects } from "@std/assert";
import { createResolver, defineChain, required, token } from "../../mod.ts";
import { credentialFetch } from "../../src/clients/fetch.ts";
import { scriptedStore } from "../../src/testing/mod.ts";
import { visits } from "../support/programs/redirects.ts";
import { listening } from "../support/stand_ins/listening.ts";
import { FOLLOWED, PATHS, twoOrigins } from "../support/stand_ins/two_origins.ts";

Deno.test("credentialFetch() follows redirects as fetch does, and sends no secret to another origin", async () => {
  await using origins = twoOrigins();
  assertEquals(await visits(origins.url, PATHS), FOLLOWED);
});

Deno.test("credentialFetch() does not renew the token when another origin, which did not get it, answers 401", async () => {
  await using other = listening(() => new Response(null, { status: 401 }));
  await using service = listening(() => Response.redirect(other.url));
  const { api, minted } = countingFetch();
  assertEquals([(await api(service.url)).status, minted()], [401, 1]);
});

Deno.test("credentialFetch() follows no redirect that fetch would not follow", async (t) => {
  let location = "/";
  await using service = listening(() => new Response("elsewhere", { status: 307, headers: { location } }));
  const { api } = countingFetch();
  await t.step("redirect: manual", async () => {
    const answers = [await api(service.url, { redirect: "manual" })];
    answers.push(await api(new Request(service.url, { redirect: "manual" })));
    for (const answer of answers) assertEquals([answer.status, await answer.text()], [307, "elsewhere"]);
  });
  await t.step("redirect: error", async () => {
    await assertRejects(() => api(service.url, { redirect: "error" }), TypeError);
  });
  await t.step("a body that can be read only once", async () => {
    const body = new Blob(["a=b"]).stream();
    const message = "Cannot follow a redirect: the body can be read only once";
    await assertRejects(() => api(service.url, { method: "POST", body }), TypeError, message);
  });
  const message = "Cannot follow a redirect: expected an http or https URL without user info";
  for (location of ["data:text/plain,a", "http://fake:secret@127.0.0.1/", "http://[", "file:///etc/hostname"]) {
    await t.step(location, async () => {
      const error = await assertRejects(() => api(service.url), TypeError);
      assertEquals(error.message, message);
    });
  }
});

/** Creates a `credentialFetch`, and counts the tokens that are minted for it. */
function countingFetch() {
  const mint = scriptedStore({ shape: token });
  mint.answer = () => ({ values: { token: `fake-token-${mint.asked.length}` }, expiresIn: 3600 });
  const chain = defineChain({
    stores: { mint: mint.store({ priority: 100 }) },
    credentials: { "api:bearer": { fields: { token: required() }, from: { mint: true } } },
  });
  return { api: credentialFetch(createResolver(chain), "api:bearer"), minted: () => mint.asked.length };
}

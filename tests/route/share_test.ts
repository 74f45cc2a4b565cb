import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import type { CredentialDescription, StoreDescription } from "../../mod.ts";
import { remoteHints } from "../../src/report/guidance/hints.ts";
import { chainPage } from "../../src/route/page.ts";
import type { View } from "../../src/route/view.ts";
import { walkSteps } from "../../src/route/walk_steps.ts";
import { textOf } from "../support/route/page_text.ts";

const at = "2026-01-01T00:00:00.000Z";
const SHARE = { engine: "redis", state: "on", entries: ["1a2b3c4d"], minted: 1, received: 30 } as const;
const m2m = (share?: StoreDescription["share"]): StoreDescription => ({
  ...{ name: "m2m", kind: "oauth2", shape: "token", priority: 300, state: "on", references: [] },
  ...share && { share },
});

function viewWith(store: StoreDescription): View {
  return { description: { version: 1, stores: [store], credentials: [] }, hints: remoteHints() };
}

function credentialWith(step: object): CredentialDescription {
  return {
    key: "api:token",
    fields: [{ name: "token", presence: "required" }],
    from: [{ store: "m2m", reads: ["access_token"] }],
    last: { at, trace: [{ store: "m2m", outcome: "hit", role: "winner", ...step }] },
  };
}

Deno.test("the page shows by which engine a store shares, and nothing of the kind for any other store", async () => {
  const pageWith = async (share?: StoreDescription["share"]) =>
    String(await chainPage(viewWith(m2m(share)), new URLSearchParams()));
  assertStringIncludes(textOf(await pageWith(SHARE)), "Shared by redis (on), minted 1, received 30, entry 1a2b3c4d");
  const unasked = { ...SHARE, state: undefined, entries: [], minted: 0, received: 0 };
  assertStringIncludes(textOf(await pageWith(unasked as never)), "Shared by redis (not asked yet)");
  assertStringIncludes(textOf(await pageWith({ ...unasked, engine: "<b>mine" } as never)), "Shared by <b>mine (not ");
  assertFalse((await pageWith()).includes("Shared"));
});

Deno.test("the page says of a shared token whether this process obtained it, and why without its engine", () => {
  const resultOf = (step: object, share?: StoreDescription["share"]) =>
    walkSteps(credentialWith(step), viewWith(m2m(share)))[0]!.result;
  assertEquals(resultOf({}), "has it");
  assertEquals(resultOf({ shared: "minted" }, SHARE), "has it: minted by this process");
  assertEquals(resultOf({ shared: "received" }, SHARE), "has it: received from another machine");
  assertEquals(resultOf({ shared: "alone" }, SHARE), "has it: obtained without redis");
  const alone = (state: "away" | "refused" | "misunderstood") => resultOf({ shared: "alone" }, { ...SHARE, state });
  assertEquals(alone("away"), "has it: obtained without redis, which is away");
  assertEquals(alone("refused"), "has it: obtained without redis, which refused its credential");
  assertEquals(alone("misunderstood"), "has it: obtained without redis, whose answers were not as expected");
  assertEquals(
    resultOf({ shared: "received", detail: "HTTP 503; the held token is used" }, SHARE),
    "has it: HTTP 503; the held token is used; received from another machine",
  );
});

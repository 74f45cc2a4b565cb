import { type Credential, document, memory, perCredential } from "../../../../mod.ts";
import { asyncDispose } from "../../../../src/core/engine/disposable.ts";
import { scriptedStore } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSubject, show, showError } from "../subject.ts";
import type { Checks } from "../table.ts";

const DOCUMENT = { user: "writer", password: "not-a-secret-either" };

/** What is held between calls, and who is told of a change. */
export const heldChecks: Checks = {
  "a credential is the same object for as long as nothing changed, and a store is asked once in its interval":
    async () => {
      const { resolver, upper, clock } = makeSubject();
      upper.answer = DOCUMENT;
      expectEqual(resolver.peek("db:basic"), undefined);
      const first = await resolver.resolve("db:basic");
      expect(resolver.peek("db:basic") === first, "Expected peek to give what is held");
      await clock.advance(999);
      expect(await resolver.resolve("db:basic") === first, "Expected the same object");
      expectEqual(upper.asked.length, 1);
      await clock.advance(1);
      expect(await resolver.resolve("db:basic") === first, "Expected the same object for equal values");
      expectEqual(upper.asked.length, 2);
    },

  "a clock that goes back ends an interval": async () => {
    const { resolver, upper, clock } = makeSubject();
    upper.answer = DOCUMENT;
    await resolver.resolve("db:basic");
    clock.jump(clock.now() - 60_000);
    await resolver.resolve("db:basic");
    expectEqual(upper.asked.length, 2);
  },

  "what a document gave survives an outage of its store, degraded": async () => {
    const { resolver, upper, clock } = makeSubject();
    upper.answer = DOCUMENT;
    await resolver.resolve("db:basic");
    upper.answer = () => new Promise(() => {});
    await clock.advance(1_000);
    const pending = resolver.resolve("db:basic");
    await clock.advance(5_000);
    expectEqual(show(await pending), "upper degraded: upper hit");
  },

  "an invalidated credential is looked up again, once": async () => {
    const { resolver, upper, host } = makeSubject();
    const first = await resolver.resolve("db:basic");
    host.env.DB_USER = "successor";
    expect(await resolver.resolve("db:basic") === first, "Expected the environment to count until it is invalidated");
    resolver.invalidate(first);
    const second = await resolver.resolve("db:basic");
    expectEqual(second.get("user"), "successor");
    resolver.invalidate(first);
    expectEqual(upper.asked.length, 2);
    expect(await resolver.resolve("db:basic") === second, "Expected one of before to have no say");
    expectEqual(upper.asked.length, 2);
  },

  "a change is told once, and no more once the listener is disposed of": async () => {
    const { resolver, upper, clock, host } = makeSubject();
    const told: string[] = [];
    await resolver.resolve("db:basic");
    {
      using _listening = resolver.onChange("db:basic", ({ source }) => void told.push(source));
      upper.answer = DOCUMENT;
      await clock.advance(1_000);
      await resolver.resolve("db:basic");
      await resolver.resolve("db:basic");
      expectEqual(told, ["upper"]);
    }
    upper.answer = undefined;
    await clock.advance(1_000);
    const pending = resolver.resolve("db:basic");
    await clock.advance(1_000);
    expectEqual((await pending).source, "env");
    expectEqual(told, ["upper"]);
    expectEqual(host.events.map(({ type, store }) => `${type} ${store}`), ["changed upper", "changed env"]);
  },

  "a client is built again when, and only when, its credential is a new one": async () => {
    const { resolver, upper, clock } = makeSubject();
    let built = 0;
    const client = perCredential(resolver, "db:basic", (credential) => ({ user: credential.get("user"), no: ++built }));
    const first = await client();
    expect(await client() === first, "Expected the same client");
    upper.answer = DOCUMENT;
    await clock.advance(1_000);
    expectEqual(await client(), { user: "writer", no: 2 });
    expectEqual(await client(), { user: "writer", no: 2 });
  },

  "an installed store takes its place by its priority, until it is disposed of": async () => {
    const { resolver } = makeSubject();
    await resolver.resolve("db:basic");
    const values = { user: "installed", password: "not-a-secret" };
    {
      using _installed = resolver.install("own", memory({ priority: 300, values }), { "db:basic": { prefix: "" } });
      expectEqual(show(await resolver.resolve("db:basic")), "own: own hit");
      expectEqual(resolver.describe().stores.map(({ name }) => name), ["own", "upper", "env"]);
      const again = () => resolver.install("own", memory({ priority: 400 }), { "db:basic": { prefix: "" } });
      expectEqual((await expectFailure(again) as Error).name, "ChainError");
    }
    expectEqual(show(await resolver.resolve("db:basic")), "env: upper miss, env hit");
  },

  "a store that is installed while a walk is on counts in it": async () => {
    const { resolver, upper } = makeSubject();
    let answer: (document: object) => void = () => {};
    upper.answer = () => new Promise((resolve) => answer = resolve);
    const pending = resolver.resolve("db:basic");
    const other = scriptedStore({ shape: document, answer: { user: "other", password: "not-a-secret" } });
    using _installed = resolver.install("other", other.store({ priority: 300 }), { "db:basic": "db.json" });
    answer(DOCUMENT);
    expectEqual((await pending as Credential).source, "other");
  },

  "a resolver that was disposed of says so": async () => {
    const { resolver } = makeSubject();
    await resolver.resolve("db:basic");
    await resolver[asyncDispose as typeof Symbol.asyncDispose]();
    const error = await expectFailure(() => resolver.resolve("db:basic"));
    expectEqual(showError(error), "CredentialError closed: ");
  },
};

import { type Credential, document, memory, perCredential } from "../../../../mod.ts";
import { asyncDispose } from "../../../../src/core/engine/disposable.ts";
import { scriptedStore } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSubject, show, showError } from "../subject.ts";
import type { Checks } from "../table.ts";

const DOCUMENT = { user: "writer", password: "not-a-secret-either" };

/** Held credentials, and the notification of changes. */
export const heldChecks: Checks = {
  "a held credential is the same object until it changes, and its store is asked once in each recheck interval":
    async () => {
      const { resolver, upper, clock } = makeSubject();
      upper.answer = DOCUMENT;
      expectEqual(resolver.peek("db:basic"), undefined);
      const first = await resolver.resolve("db:basic");
      expect(resolver.peek("db:basic") === first, "Expected peek() to return the held credential");
      await clock.advance(999);
      expect(await resolver.resolve("db:basic") === first, "Expected the same object");
      expectEqual(upper.asked.length, 1);
      await clock.advance(1);
      expect(await resolver.resolve("db:basic") === first, "Expected the same object for equal values");
      expectEqual(upper.asked.length, 2);
    },

  "a clock that goes back ends a recheck interval": async () => {
    const { resolver, upper, clock } = makeSubject();
    upper.answer = DOCUMENT;
    await resolver.resolve("db:basic");
    clock.jump(clock.now() - 60_000);
    await resolver.resolve("db:basic");
    expectEqual(upper.asked.length, 2);
  },

  "during an outage of its store a held document is served, degraded": async () => {
    const { resolver, upper, clock } = makeSubject();
    upper.answer = DOCUMENT;
    await resolver.resolve("db:basic");
    upper.answer = () => new Promise(() => {});
    await clock.advance(1_000);
    const pending = resolver.resolve("db:basic");
    await clock.advance(5_000);
    expectEqual(show(await pending), "upper degraded: upper hit");
  },

  "an invalidated credential is resolved again, once": async () => {
    const { resolver, upper, host } = makeSubject();
    const first = await resolver.resolve("db:basic");
    host.env.DB_USER = "successor";
    expect(await resolver.resolve("db:basic") === first, "Expected the environment to be held until it is invalidated");
    resolver.invalidate(first);
    const second = await resolver.resolve("db:basic");
    expectEqual(second.get("user"), "successor");
    resolver.invalidate(first);
    expectEqual(upper.asked.length, 2);
    expect(
      await resolver.resolve("db:basic") === second,
      "Expected an older credential not to invalidate the current one",
    );
    expectEqual(upper.asked.length, 2);
  },

  "a listener is called once for each change, until it is disposed of": async () => {
    const { resolver, upper, clock, host } = makeSubject();
    const sources: string[] = [];
    await resolver.resolve("db:basic");
    {
      using _listening = resolver.onChange("db:basic", ({ source }) => void sources.push(source));
      upper.answer = DOCUMENT;
      await clock.advance(1_000);
      await resolver.resolve("db:basic");
      await resolver.resolve("db:basic");
      expectEqual(sources, ["upper"]);
    }
    upper.answer = undefined;
    await clock.advance(1_000);
    const pending = resolver.resolve("db:basic");
    await clock.advance(1_000);
    expectEqual((await pending).source, "env");
    expectEqual(sources, ["upper"]);
    const changes = host.events.filter(({ type }) => type === "changed");
    expectEqual(changes.map(({ store }) => store), ["upper", "env"]);
  },

  "perCredential() builds a new client if the credential has changed, and only then": async () => {
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

  "an installed store is asked at its own priority, until it is disposed of": async () => {
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

  "a store that is installed during a walk takes part in it": async () => {
    const { resolver, upper } = makeSubject();
    let answer: (document: object) => void = () => {};
    upper.answer = () => new Promise((resolve) => answer = resolve);
    const pending = resolver.resolve("db:basic");
    const other = scriptedStore({ shape: document, answer: { user: "other", password: "not-a-secret" } });
    using _installed = resolver.install("other", other.store({ priority: 300 }), { "db:basic": "db.json" });
    answer(DOCUMENT);
    expectEqual((await pending as Credential).source, "other");
  },

  "a disposed resolver rejects with the code closed": async () => {
    const { resolver } = makeSubject();
    await resolver.resolve("db:basic");
    await resolver[asyncDispose as typeof Symbol.asyncDispose]();
    const error = await expectFailure(() => resolver.resolve("db:basic"));
    expectEqual(showError(error), "CredentialError closed: ");
  },
};

import { ChainError, type CredentialErrorCode } from "../../core/chain/errors.ts";
import type { ShapeName } from "../../core/chain/shape.ts";
import { type Check, expect, Fixture, KEY, secrets, valuesOf } from "./fixture.ts";
import type { StoreHarness } from "./harness.ts";

/** Values that a store might split, expand, trim or convert. */
const UNUSUAL_VALUES = [
  "  padded\t",
  "a:b$c=d#e %f&g",
  "$HOME ${HOME} $$",
  "it's",
  'say "so"',
  "`tick`",
  "ключ-鍵-🔑",
  "a\\nb\\c",
  "0123",
  "true",
  "null",
];

/** The code for an answer that exists and has none of the identity; none for variables, each of which exists by itself. */
const WITHOUT_IDENTITY: Readonly<Record<ShapeName, CredentialErrorCode | undefined>> = {
  variables: undefined,
  document: "incomplete",
  token: "invalid",
};

async function expectNoIdentity(harness: StoreHarness, fixture: Fixture, what: string): Promise<void> {
  const code = WITHOUT_IDENTITY[harness.store({ priority: 1 }).shape.name];
  if (!code) expect(await fixture.resolver.find(KEY) === undefined, `${what} to be a miss`);
  // Hint: the clock stays, since nothing is held yet, and an answer may expire soon.
  else expect((await fixture.resolveError(0)).code === code, `${what} to be ${code}`);
}

/** Creates a fixture; returns `undefined` if the store rejects the chain, since it has no such names. */
function unlessMistaken(make: () => Fixture): Fixture | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
  }
}

/** What every store must do when its place works. */
export const ANSWER_CHECKS: readonly Check[] = [
  {
    name: "reads nothing before the first resolve",
    run: async (harness) => {
      await harness.put(secrets());
      const fixture = new Fixture(harness);
      await Promise.resolve();
      expect(fixture.hostCalls === 0, "nothing to be read before the first resolve");
    },
  },
  {
    name: "reads nothing while it is off",
    run: async (harness) => {
      await harness.put(secrets());
      const fixture = new Fixture(harness, { enabled: false });
      expect(await fixture.resolver.find(KEY) === undefined, "a store that is off to give nothing");
      expect(fixture.hostCalls === 0, "a store that is off to read nothing");
    },
  },
  {
    name: "gives every value under its field, with its source",
    requires: ["put"],
    run: async (harness) => {
      const values = secrets();
      await harness.put(values);
      const credential = await new Fixture(harness).resolver.resolve(KEY);
      expect(credential.source === "tested" && !credential.degraded, "the store as the source");
      for (const name of ["user", "password", "note"] as const) {
        expect(credential.get(name) === values[name], `the value of ${name} as it was put`);
        expect(credential.sourceOf(name) === "tested", `the store as the source of ${name}`);
      }
    },
  },
  {
    name: "is described with its kind and shape, and is on",
    run: async (harness) => {
      await harness.put(secrets());
      const [described] = new Fixture(harness).resolver.describe().stores;
      const { kind, shape } = harness.store({ priority: 1 });
      expect(described?.kind === kind && described.shape === shape.name && kind !== "", "its kind and shape");
      expect(described.state === "on", "the store to be on");
    },
  },
  {
    name: "reports a miss, not an error, if it has nothing",
    requires: ["put"],
    run: async (harness) => {
      await harness.remove();
      const fixture = new Fixture(harness);
      expect(await fixture.resolver.find(KEY) === undefined, "nothing");
      const [last] = fixture.resolver.describe().credentials;
      expect(last?.last?.trace[0]?.outcome === "miss", "the outcome miss");
    },
  },
  {
    name: "lets the next store answer, not degraded, if it has nothing",
    requires: ["put"],
    run: async (harness) => {
      await harness.remove();
      const credential = await new Fixture(harness, {}, { lower: true }).resolver.resolve(KEY);
      expect(credential.source === "lower" && !credential.degraded, "the lower store's answer, not degraded");
    },
  },
  {
    name: "gives a credential without an optional field",
    requires: ["put"],
    run: async (harness) => {
      const { user, password } = secrets();
      await harness.put({ user, password });
      const credential = await new Fixture(harness).resolver.resolve(KEY);
      expect(credential.get("note") === undefined && !credential.fields.includes("note"), "no note");
    },
  },
  {
    name: "reports incomplete, with the name to supply, if a required field is missing",
    requires: ["put", "part"],
    run: async (harness) => {
      await harness.put({ user: secrets().user });
      const { code, missing, trace } = await new Fixture(harness).resolveError();
      expect(code === "incomplete" && trace[0]?.outcome === "incomplete", "the outcome incomplete");
      expect(missing.length === 1, "the one name that is missing");
    },
  },
  {
    name: "treats a blank value as absent",
    requires: ["put", "part"],
    run: async (harness) => {
      await harness.put({ ...secrets(), note: " \t " });
      expect((await new Fixture(harness).resolver.resolve(KEY)).get("note") === undefined, "a blank note to be absent");
      await harness.put({ user: " ", password: "" });
      await expectNoIdentity(harness, new Fixture(harness), "blanks alone");
    },
  },
  {
    name: "gives a value unchanged, with spaces, quotes, symbols and letters of any alphabet",
    requires: ["put"],
    run: async (harness) => {
      const { user } = secrets();
      for (const password of UNUSUAL_VALUES) {
        await harness.put({ user, password });
        const credential = await new Fixture(harness).resolver.resolve(KEY);
        expect(credential.get("password") === password, "the value as it was put");
      }
    },
  },
  {
    name: "does not give an inherited property of an object as a value",
    run: async (harness) => {
      await harness.put(secrets());
      const fields = { user: "constructor", password: "__proto__", note: "toString" };
      const { shape } = harness.store({ priority: 1 });
      const from = shape.name === "variables"
        ? { fields }
        : shape.name === "document"
        ? { document: typeof harness.from === "string" ? harness.from : Object(harness.from).document, fields }
        : { ...(harness.from === true ? {} : harness.from as object), fields };
      const fixture = unlessMistaken(() => new Fixture(harness, {}, { from }));
      if (fixture) await expectNoIdentity(harness, fixture, "inherited properties");
    },
  },
  {
    name: "notices values that are added, changed and removed",
    requires: ["put", "change"],
    run: async (harness) => {
      await harness.remove();
      const fixture = new Fixture(harness);
      expect(await fixture.resolver.find(KEY) === undefined, "nothing before values are put");
      for (const values of [secrets(), secrets()]) {
        await harness.put(values);
        expect(
          (await fixture.resolveAgain())?.get("password") === values.password as unknown,
          "the values that were put last",
        );
      }
      await harness.remove();
      expect(await fixture.resolveAgain() === undefined, "nothing after the values are removed");
    },
  },
  {
    name: "gives the same object while nothing changes",
    run: async (harness) => {
      await harness.put(secrets());
      const fixture = new Fixture(harness);
      const credential = await fixture.resolver.resolve(KEY);
      expect(await fixture.resolver.resolve(KEY) === credential, "the same object immediately");
      if (credential.expiresAt === undefined) {
        expect(await fixture.resolveAgain() === credential, "the same object later");
      }
    },
  },
  {
    name: "shows no value in its description",
    run: async (harness) => {
      await harness.put(secrets());
      const fixture = new Fixture(harness);
      const credential = await fixture.resolver.resolve(KEY);
      const values = valuesOf(credential);
      expect(!fixture.leaks(credential, values), "a credential that shows no value");
      expect(!fixture.leaks(fixture.resolver.describe(), values), "a description without values");
      expect(!fixture.leaks({ ...harness.store({ priority: 1 }) }, values), "a store that shows no value");
    },
  },
  {
    name: "rejects an aborted caller with its signal's reason, and serves the next caller",
    run: async (harness) => {
      await harness.put(secrets());
      const fixture = new Fixture(harness);
      const reason = new Error("gave up");
      const rejected = await fixture.resolver.find(KEY, { signal: AbortSignal.abort(reason) }).catch((error) => error);
      expect(rejected === reason, "the signal's reason");
      expect((await fixture.resolver.resolve(KEY)).source === "tested", "the next caller to get it");
    },
  },
];

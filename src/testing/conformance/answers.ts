import { documentOf } from "../../shapes/document.ts";
import type { Check } from "./check.ts";
import { expect, KEY, leaks, secrets, Trial } from "./trial.ts";

/** Values that a store could take apart, expand, trim or fold. */
const EXACT = [
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

/** What every store must do while nothing is wrong. */
export const ANSWERS: readonly Check[] = [
  {
    name: "opens nothing and reads nothing until it is asked",
    run: async (harness) => {
      await harness.put(secrets());
      const trial = new Trial(harness);
      await Promise.resolve();
      expect(trial.touches === 0, "nothing to be read before the first resolve");
    },
  },
  {
    name: "is not touched while it is switched off",
    run: async (harness) => {
      await harness.put(secrets());
      const trial = new Trial(harness, { enabled: false });
      expect(await trial.resolver.find(KEY) === undefined, "a store that is off to give nothing");
      expect(trial.touches === 0, "a store that is off to read nothing");
    },
  },
  {
    name: "gives every value under its field, and says where it came from",
    run: async (harness) => {
      const values = secrets();
      await harness.put(values);
      const credential = await new Trial(harness).resolver.resolve(KEY);
      expect(credential.source === "tested" && !credential.degraded, "the store as the source");
      for (const name of ["user", "password", "note"] as const) {
        expect(credential.get(name) === values[name], `the value of ${name} as it was put`);
        expect(credential.sourceOf(name) === "tested", `the store as the source of ${name}`);
      }
    },
  },
  {
    name: "is described by its kind and shape, and is on",
    run: async (harness) => {
      await harness.put(secrets());
      const [described] = new Trial(harness).resolver.describe().stores;
      const { kind, shape } = harness.store({ priority: 1 });
      expect(described?.kind === kind && described.shape === shape.name && kind !== "", "its kind and shape");
      expect(described.state === "on", "the store to be on");
    },
  },
  {
    name: "has nothing: that is a miss and no error",
    run: async (harness) => {
      await harness.remove();
      const trial = new Trial(harness);
      expect(await trial.resolver.find(KEY) === undefined, "nothing");
      const [last] = trial.resolver.describe().credentials;
      expect(last?.last?.trace[0]?.outcome === "miss", "the outcome miss");
    },
  },
  {
    name: "has nothing: then the next store is asked, and the answer is not degraded",
    run: async (harness) => {
      await harness.remove();
      const credential = await new Trial(harness, {}, { lower: true }).resolver.resolve(KEY);
      expect(credential.source === "lower" && !credential.degraded, "the lower store's answer, not degraded");
    },
  },
  {
    name: "lacks an optional field and still has the credential",
    run: async (harness) => {
      const { user, password } = secrets();
      await harness.put({ user, password });
      const credential = await new Trial(harness).resolver.resolve(KEY);
      expect(credential.get("note") === undefined && !credential.fields.includes("note"), "no note");
    },
  },
  {
    name: "lacks a required field: that is incomplete, with the name to supply",
    wants: ["part"],
    run: async (harness) => {
      await harness.put({ user: secrets().user });
      const { code, missing, trace } = await new Trial(harness).error();
      expect(code === "incomplete" && trace[0]?.outcome === "incomplete", "the outcome incomplete");
      expect(missing.length === 1, "the one name that is missing");
    },
  },
  {
    name: "counts a blank value as absent",
    wants: ["part"],
    run: async (harness) => {
      await harness.put({ ...secrets(), note: " \t " });
      expect((await new Trial(harness).resolver.resolve(KEY)).get("note") === undefined, "a blank note to be absent");
      await harness.put({ user: " ", password: "" });
      expect(await new Trial(harness).resolver.find(KEY) === undefined, "blanks alone to be a miss");
    },
  },
  {
    name: "gives a value as it is, with its spaces, quotes, signs and letters of all alphabets",
    run: async (harness) => {
      const { user } = secrets();
      for (const password of EXACT) {
        await harness.put({ user, password });
        const credential = await new Trial(harness).resolver.resolve(KEY);
        expect(credential.get("password") === password, "the value as it was put");
      }
    },
  },
  {
    name: "does not take what every object inherits for a value",
    run: async (harness) => {
      await harness.put(secrets());
      const fields = { user: "constructor", password: "__proto__", note: "toString" };
      const { shape } = harness.store({ priority: 1 });
      const from = shape.name === "variables"
        ? { fields }
        : shape.name === "document"
        ? { document: documentOf(harness.from), fields }
        : { ...(harness.from === true ? {} : harness.from as object), fields };
      expect(await new Trial(harness, {}, { from }).resolver.find(KEY) === undefined, "a miss");
    },
  },
  {
    name: "notices what is put, changed and removed",
    wants: ["change"],
    run: async (harness) => {
      await harness.remove();
      const trial = new Trial(harness);
      expect(await trial.resolver.find(KEY) === undefined, "nothing before it is put");
      for (const values of [secrets(), secrets()]) {
        await harness.put(values);
        expect((await trial.again())?.get("password") === values.password as unknown, "what was put last");
      }
      await harness.remove();
      expect(await trial.again() === undefined, "nothing after it is removed");
    },
  },
  {
    name: "gives the same object for as long as nothing changes",
    run: async (harness) => {
      await harness.put(secrets());
      const trial = new Trial(harness);
      const credential = await trial.resolver.resolve(KEY);
      expect(await trial.resolver.resolve(KEY) === credential, "the same object at once");
      if (credential.expiresAt === undefined) expect(await trial.again() === credential, "the same object later");
    },
  },
  {
    name: "shows no value in what it describes",
    run: async (harness) => {
      const values = secrets();
      await harness.put(values);
      const trial = new Trial(harness);
      const credential = await trial.resolver.resolve(KEY);
      expect(!leaks(credential, values), "a credential that shows no value");
      expect(!leaks(trial.resolver.describe(), values), "a description without values");
      expect(!leaks({ ...harness.store({ priority: 1 }) }, values), "a store that shows no value");
    },
  },
  {
    name: "a caller who gives up ends its own wait, with its own reason",
    run: async (harness) => {
      await harness.put(secrets());
      const trial = new Trial(harness);
      const reason = new Error("gave up");
      const given = await trial.resolver.find(KEY, { signal: AbortSignal.abort(reason) }).catch((error) => error);
      expect(given === reason, "the signal's reason");
      expect((await trial.resolver.resolve(KEY)).source === "tested", "the next caller to get it");
    },
  },
];

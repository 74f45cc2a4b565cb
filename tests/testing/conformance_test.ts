import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  defineStore,
  denied,
  env,
  type Refusal,
  runtimeFiles,
  type RuntimePart,
  unavailable,
  variables,
} from "../../mod.ts";
import { conformance, type StoreHarness } from "../../src/testing/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";

type Values = Record<string, string | undefined>;
type LookUp = (values: Values, name: string) => string | undefined | Refusal;

/** Creates a harness of a store over a record, whose look-up may be flawed. */
function harness(lookUp: LookUp): StoreHarness {
  let values: Values = {};
  let fault: Refusal | undefined;
  const flawed = defineStore({
    kind: "flawed",
    shape: variables,
    open: () => (name) => lookUp(fault ? { fault: fault.outcome } : values, name),
  });
  return {
    store: flawed,
    from: { prefix: "" },
    put: (some) => void (values = { ...some }),
    remove: () => void (values = {}),
    deny: () => void (fault = denied("d")),
    disconnect: () => void (fault = unavailable("u")),
  };
}

/** The names of the checks that a store fails. */
async function failures(open: () => StoreHarness): Promise<readonly string[]> {
  const checks = conformance("flawed", open, ["break", "stall"]);
  const results = await Promise.allSettled(checks.map(({ run }) => run()));
  return checks.filter((_, at) => results[at]!.status === "rejected").map(({ name }) => name.replace("flawed ", ""));
}

const lookUpCorrectly: LookUp = (values, name) => {
  if (values.fault === "denied") return denied("needs read");
  if (values.fault === "unavailable") return unavailable("no connection");
  return Object.hasOwn(values, name) ? values[name] : undefined;
};

Deno.test("conformance() passes a correct store", async () => {
  assertEquals(await failures(() => harness(lookUpCorrectly)), []);
});

/** Creates a harness of a correct store whose look-ups take a while, as those of a server on a busy machine. */
function slowHarness(ms: number): StoreHarness {
  let values: Values = {};
  const slow = defineStore({
    kind: "slow",
    shape: variables,
    open: () => async (name) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return lookUpCorrectly(values, name);
    },
  });
  return {
    store: slow,
    from: { prefix: "" },
    put: (some) => void (values = { ...some }),
    remove: () => void (values = {}),
  };
}

Deno.test("conformance() passes a correct store on a machine so busy that it answers after 200 ms", async () => {
  const checks = conformance("slow", () => slowHarness(200), ["deny", "break", "disconnect", "stall"]);
  const chosen = checks.filter(({ name }) => /gives every value|if a required field is missing/.test(name));
  assertEquals(chosen.length, 2);
  await Promise.all(chosen.map(({ run }) => run()));
});

Deno.test("conformance() says that the limit which a slow look-up reached is the kit's, and how to set it", async () => {
  const cannot = ["deny", "break", "disconnect", "stall"] as const;
  const checks = conformance("slow", () => slowHarness(300), cannot, { timeout: 20 });
  const found = await Promise.allSettled(
    checks.filter(({ name }) => /gives every value|reports a miss|reports incomplete/.test(name)).map(({ run }) =>
      run()
    ),
  );
  assertEquals(found.length, 3);
  for (const result of found) {
    assert(result.status === "rejected");
    assertMatch(result.reason.message, /: a look-up reached the conformance kit's limit of 20 ms \(option timeout\)$/);
  }
});

const FLAWS: readonly (readonly [string, LookUp, RegExp])[] = [
  [
    "reports a denial as a miss",
    (values, name) => values.fault === "denied" ? undefined : lookUpCorrectly(values, name),
    /^reports denied /,
  ],
  [
    "reports an outage as a miss",
    (values, name) => values.fault === "unavailable" ? undefined : lookUpCorrectly(values, name),
    /^reports an outage as unavailable/,
  ],
  [
    "reports an outage as a denial",
    (values, name) => values.fault ? denied("d") : lookUpCorrectly(values, name),
    /outage/,
  ],
  ["trims values", (values, name) => {
    const value = lookUpCorrectly(values, name);
    return typeof value === "string" ? value.trim() : value;
  }, /gives a value unchanged/],
  [
    "reads inherited properties",
    (values, name) => values.fault ? lookUpCorrectly(values, name) : String((values as never)[name] ?? ""),
    /inherited property/,
  ],
  ["throws on a miss", (values, name) => {
    const value = lookUpCorrectly(values, name);
    if (value === undefined) throw new Error("not found");
    return value;
  }, /reports a miss/],
  ["quotes a value in a refusal", (values) => denied(`refused ${Object.values(values).join()}`), /gives every value/],
  ["swaps fields", (values, name) => lookUpCorrectly(values, name === "user" ? "password" : name), /under its field/],
];

for (const [flaw, lookUp, name] of FLAWS) {
  Deno.test(`conformance() fails a store that ${flaw}`, async () => {
    const failed = await failures(() => harness(lookUp));
    assert(failed.some((each) => name.test(each)), `Expected ${name} among ${failed.join("; ")}`);
  });
}

Deno.test("conformance() fails a store that shows a value in an error", async () => {
  const passwords: string[] = [];
  const flawed = (): StoreHarness => {
    const base = harness((values, name) =>
      values.fault === "denied" ? denied(`refused ${passwords.at(-1)}`) : lookUpCorrectly(values, name)
    );
    return {
      ...base,
      put: (values) => {
        passwords.push(values.password ?? "");
        return base.put(values);
      },
    };
  };
  const checks = conformance("flawed", flawed, ["break", "stall"]);
  const leak = checks.find(({ name }) => name.includes("shows no value in its errors after deny"))!;
  await assertRejects(leak.run, Error, "an error without values");
});

Deno.test("conformance() fails a store that caches what it read first", async () => {
  const stale = (): StoreHarness => {
    const first: Values = {};
    return harness((values, name) =>
      values.fault ? lookUpCorrectly(values, name) : first[name] ??= lookUpCorrectly(values, name) as string
    );
  };
  const failed = await failures(stale);
  assert(failed.includes("notices values that are added, changed and removed"), failed.join("; "));
});

Deno.test("conformance() fails a store that reads the runtime's files and does not name them in uses", async () => {
  const directory = makeDirectory();
  const lines = (uses: readonly RuntimePart[]) =>
    defineStore({
      kind: "lines",
      shape: variables,
      uses,
      open: (_, { files }) => files && ((name) => files.text(`${directory.path}/${name}`)),
    });
  const open = (uses: readonly RuntimePart[]) => (): StoreHarness => ({
    store: lines(uses),
    from: { prefix: "" },
    put: (values) => {
      directory.empty();
      for (const [name, value] of Object.entries(values)) {
        if (value !== undefined) Deno.writeTextFileSync(`${directory.path}/${name}`, value);
      }
    },
    remove: () => directory.empty(),
  });
  const failed = async (uses: readonly RuntimePart[]) => {
    const checks = conformance("lines", open(uses), ["deny", "break", "disconnect", "stall"]);
    let failures = 0;
    for (const { run } of checks) await run().catch(() => failures++);
    return failures;
  };
  try {
    assertEquals(await failed([runtimeFiles]), 0);
    assert(await failed([]) > 0);
  } finally {
    directory.remove();
  }
});

Deno.test("conformance() fails a harness without a fault, unless the fault is among the limits", async () => {
  const open = (): StoreHarness => ({ store: env, from: { prefix: "KIT_" }, put: () => {}, remove: () => {} });
  const check = conformance("env", open).find(({ name }) => name.includes("denied and stops the walk"))!;
  await assertRejects(check.run, Error, 'Expected a harness with deny(), or "deny" among the limits');
  assertEquals(conformance("env", open, ["deny"]).some(({ name }) => name.includes("denied and stops")), false);
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { defineStore, denied, env, type Refusal, unavailable, variables } from "../../mod.ts";
import { conformance, type StoreHarness } from "../../src/testing/mod.ts";

type Values = Record<string, string | undefined>;
type Look = (values: Values, name: string) => string | undefined | Refusal;

/** A store with a fault of its own, over a record. */
function harness(look: Look): StoreHarness {
  let values: Values = {};
  let fault: Refusal | undefined;
  const flawed = defineStore({
    kind: "flawed",
    shape: variables,
    open: () => (name) => look(fault ? { fault: fault.outcome } : values, name),
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
  const settled = await Promise.allSettled(checks.map(({ run }) => run()));
  return checks.filter((_, at) => settled[at]!.status === "rejected").map(({ name }) => name.replace("flawed ", ""));
}

const honest: Look = (values, name) => {
  if (values.fault === "denied") return denied("needs read");
  if (values.fault === "unavailable") return unavailable("no connection");
  return Object.hasOwn(values, name) ? values[name] : undefined;
};

Deno.test("the kit lets a proper store pass", async () => {
  assertEquals(await failures(() => harness(honest)), []);
});

const FLAWS: readonly (readonly [string, Look, RegExp])[] = [
  [
    "takes a denial for a miss",
    (values, name) => values.fault === "denied" ? undefined : honest(values, name),
    /^denied /,
  ],
  [
    "takes an outage for a miss",
    (values, name) => values.fault === "unavailable" ? undefined : honest(values, name),
    /^an outage is/,
  ],
  ["takes an outage for a denial", (values, name) => values.fault ? denied("d") : honest(values, name), /^an outage /],
  ["trims", (values, name) => {
    const value = honest(values, name);
    return typeof value === "string" ? value.trim() : value;
  }, /gives a value as it is/],
  [
    "reads what every object inherits",
    (values, name) => values.fault ? honest(values, name) : String((values as never)[name] ?? ""),
    /inherits/,
  ],
  ["throws on a miss", (values, name) => {
    const value = honest(values, name);
    if (value === undefined) throw new Error("not found");
    return value;
  }, /that is a miss/],
  ["quotes a value in its refusal", (values) => denied(`refused ${Object.values(values).join()}`), /gives every value/],
  ["mixes fields up", (values, name) => honest(values, name === "user" ? "password" : name), /under its field/],
];

for (const [what, look, name] of FLAWS) {
  Deno.test(`the kit fails a store that ${what}`, async () => {
    const failed = await failures(() => harness(look));
    assert(failed.some((each) => name.test(each)), `Expected ${name} among ${failed.join("; ")}`);
  });
}

Deno.test("the kit fails a store that shows a value in what it says of a failure", async () => {
  const known: string[] = [];
  const flawed = (): StoreHarness => {
    const own = harness((values, name) =>
      values.fault === "denied" ? denied(`refused ${known.at(-1)}`) : honest(values, name)
    );
    return {
      ...own,
      put: (values) => {
        known.push(values.password ?? "");
        return own.put(values);
      },
    };
  };
  const checks = conformance("flawed", flawed, ["break", "stall"]);
  const leak = checks.find(({ name }) => name.includes("shows no value in what it says after deny"))!;
  await assertRejects(leak.run, Error, "an error without values");
});

Deno.test("the kit fails a store that goes on with what it read once", async () => {
  const stale = (): StoreHarness => {
    const first: Values = {};
    return harness((values, name) =>
      values.fault ? honest(values, name) : first[name] ??= honest(values, name) as string
    );
  };
  const failed = await failures(stale);
  assert(failed.includes("notices what is put, changed and removed"), failed.join("; "));
});

Deno.test("a fault that a harness lacks is told, unless it is listed among what the place can not do", async () => {
  const open = (): StoreHarness => ({ store: env, from: { prefix: "KIT_" }, put: () => {}, remove: () => {} });
  const check = conformance("env", open).find(({ name }) => name.includes("denied stops the walk"))!;
  await assertRejects(check.run, Error, "Expected a harness that can deny");
  assertEquals(conformance("env", open, ["deny"]).some(({ name }) => name.includes("denied stops")), false);
});

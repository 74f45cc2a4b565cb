import { isThenable } from "../../core/chain/eventually.ts";
import { partsOf } from "../../core/chain/store_kind.ts";
import type { Permissions } from "../../core/chain/store_spec.ts";
import { replaceReferences } from "../../core/source/references.ts";
import { internals } from "../../core/engine/internals.ts";
import { type Check, expect, Fixture, KEY, secrets } from "./fixture.ts";
import { Observed } from "./observed.ts";

/** What each permission is a list of, and the form of its entries. */
const FORMS: readonly (readonly [keyof Permissions, RegExp, string])[] = /* @__PURE__ */ forms();

/** What a store must say of the permissions that it needs. */
export const PERMISSION_CHECKS: readonly Check[] = [
  {
    name: "declares the permissions that it needs before it is opened, in the form that the runtime takes",
    run: async (harness) => {
      await harness.put(secrets());
      const declared = permissionsOf(new Fixture(harness));
      if (!declared) return;
      expect(!isThenable(declared), "permissions() to return at once");
      const names = FORMS.map(([name]) => name as string);
      expect(
        Object.keys(declared).every((name) => names.includes(name)),
        `permissions() of only ${names.join(", ")}`,
      );
      for (const [name, form, what] of FORMS) {
        const { [name]: list = [] } = declared;
        const isList = Array.isArray(list) && list.every((each) => typeof each === "string" && form.test(each));
        expect(isList, `permissions() to give ${name} as a list of ${what}`);
      }
    },
  },
  {
    name: "uses no variable or host that its permissions do not list",
    run: async (harness) => {
      await harness.put(secrets());
      const observed = new Observed();
      const fixture = new Fixture(harness, {}, { observed });
      await fixture.resolver.find(KEY);
      const declared = permissionsOf(fixture);
      if (!declared) return;
      const { env = [], net = [] } = declared;
      expect(
        [...observed.variables].every((name) => env.includes(name)),
        "each variable that is read to be in env of permissions()",
      );
      // Hint: Deno takes a pattern, such as `*.example.com`.
      const isDeclared = (host: string) =>
        [host, host.replace(/:\d+$/, ""), host.replace(/^[^.]+/, "*")].some((name) => net.includes(name));
      expect([...observed.hosts].every(isDeclared), "each host that is asked to be in net of permissions()");
    },
  },
];

function forms(): readonly (readonly [keyof Permissions, RegExp, string])[] {
  return [
    ["env", /^[^=\0]+$/, "names of variables"],
    ["read", /^[^\0]+$/, "paths"],
    ["net", /^(\[[\da-f:.]+\]|[^\s/:[\]]+)(:\d+)?$/i, "hosts, with a port if it is not the scheme's default"],
    // Hint: an argument would be part of the program's name; a path may have spaces.
    ["run", /^(\S+|.*[/\\].*)$/, "programs, without arguments"],
  ];
}

/** Returns the permissions that a resolver's store says it needs; `undefined` if it says nothing. */
function permissionsOf({ harness, resolver }: Fixture): Permissions | undefined {
  const { spec, options } = partsOf(harness.store({ priority: 1 }))!;
  const { reads } = internals(resolver).plan.credentials.get(KEY)!.sources[0]!.reader;
  const literal = Object.entries(options).map((
    [name, value],
  ) => [name, replaceReferences(value, () => undefined, name)]);
  return spec.permissions?.(reads, Object.fromEntries(literal));
}

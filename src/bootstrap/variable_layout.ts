import { invalid } from "../core/chain/outcome.ts";
import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import { ownMember } from "../core/source/mapping.ts";
import type { Reader } from "../core/source/reader.ts";
import { type Draft, type Layout, otherNames, unmapped } from "./layout.ts";

/** Returns the layout of a credential in a store of variables. */
export function variableLayout({ names, identity }: CredentialPlan, reader: Reader): Layout {
  const draftOf = (values: readonly unknown[], own: Draft["names"]): Draft => ({
    values,
    names: own,
    places: own.flatMap((name, at) =>
      name === undefined || values[at] === undefined ? [] : { name, path: [name], value: values[at] }
    ),
  });
  return {
    otherNames: otherNames([identity.flatMap((at) => reader.names[at] ?? [])], names),
    obstacle: (fields) => unmapped(fields.filter((field) => reader.names[names.indexOf(field)] === undefined)),
    draft: (values) => draftOf(names.map((name) => ownMember(values, name)), reader.names),
    draftOfForm: (_, { values, names: used }) => draftOf(values, used),
    compose: (_, { places }) => {
      const after: Record<string, string | undefined> = {};
      for (const name of reader.reads) after[name] = undefined;
      for (const { name, value } of places) {
        if (typeof value !== "string") return invalid(`${name} is not text`);
        after[name] = value;
      }
      return after;
    },
  };
}

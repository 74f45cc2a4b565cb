import type { Credential } from "../core/chain/credential.ts";
import { list } from "../core/chain/errors.ts";
import type { Access } from "../core/engine/access.ts";
import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import { namesFor } from "../core/source/mapping.ts";
import type { Finding } from "./finding.ts";

/** A field with a name for each generation of its identity, and the one that it is read from. */
interface Read {
  readonly field: number;
  readonly names: readonly string[];
  readonly used: string;
}

/**
 * Finds an identity whose fields are read from names of several generations, since one of them is set only in part. It
 * asks the store again, since a credential does not say which names it was read from.
 */
export async function mixedNames(
  { chain, plan: { credentials }, ask }: Access,
  { key, source: name }: Pick<Credential, "key" | "source">,
): Promise<readonly Finding[]> {
  const plan = credentials.get(key)!;
  const source = plan.sources.find(({ store }) => store.name === name);
  if (source?.store.shape.name !== "variables") return [];
  const named = namesOf(plan, Object(chain.credentials[key]!.from[name]).fields);
  if (named.length < 2) return [];
  const { reading } = await ask(source);
  if (reading.outcome !== "found") return [];
  const read = named.filter(({ field }) => reading.values[field] !== undefined)
    .map((each): Read => ({ ...each, used: reading.names[each.field]! }));
  if (!isMixed(read)) return [];
  return [{ rule: "mixed_names", path: `credentials["${key}"].from.${name}`, message: messageOf(read, plan), key }];
}

/** Returns the identity's fields that have several names; none if these do not go together. */
function namesOf({ identity, names }: CredentialPlan, mapped: unknown): readonly Omit<Read, "used">[] {
  const several = identity.map((field) => ({ field, names: namesFor(names[field]!, mapped, () => {}) ?? [] }))
    .filter(({ names }) => names.length > 1);
  return several.every(({ names }) => names.length === several[0]!.names.length) ? several : [];
}

function isMixed(read: readonly Read[]): boolean {
  const [first] = read;
  return !!first && !first.names.some((_, generation) => read.every(({ names, used }) => names[generation] === used));
}

function messageOf(read: readonly Read[], { required, anyOf }: CredentialPlan): string {
  const generations = read.map(({ names, used }) => names.indexOf(used));
  const [newest, oldest] = [Math.min(...generations), Math.max(...generations)];
  const older = read.filter(({ names, used }) => names[newest] !== used);
  const newer = read.filter(({ names, used }) => names[oldest] !== used);
  const suffices = anyOf.some((at) => read.some((each) => each.field === at && !older.includes(each)));
  const isNeeded = ({ field }: Read) => required.includes(field) || anyOf.includes(field) && !suffices;
  const used = (some: readonly Read[]) => list(some.map((each) => each.used));
  const named = (some: readonly Read[], generation: number) => list(some.map(({ names }) => names[generation]!));
  return `${used(read)} are used together, and may be of two identities: set ${named(older, newest)}, or ` +
    (older.some(isNeeded) ? `${named(newer, oldest)} instead of ${used(newer)}` : `remove ${used(older)}`);
}

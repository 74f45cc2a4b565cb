import type { Presence } from "./field.ts";
import type { Hold } from "./hold.ts";
import type { Insides } from "./insides.ts";
import type { Step } from "./outcome.ts";
import type { CredentialPlan, StorePlan } from "./plan.ts";
import { isReference, isSet } from "./reference.ts";
import type { ShapeName } from "./shapes/shape.ts";

/** A chain and what is held, as data without any value. Times are ISO 8601. @category Describe */
export interface ChainDescription {
  /** The form of this object. */
  readonly version: 1;
  /** The stores, highest priority first. */
  readonly stores: readonly StoreDescription[];
  /** The credentials, as the chain has them. */
  readonly credentials: readonly CredentialDescription[];
}

/** A store of a chain. @category Describe */
export interface StoreDescription {
  /** Its name. */
  readonly name: string;
  /** What kind of store it is. */
  readonly kind: string;
  /** What its look-up takes and gives. */
  readonly shape: ShapeName;
  /** A store of a higher priority is asked first. */
  readonly priority: number;
  /** Whether it is asked. */
  readonly state: "on" | "off" | "invalid";
  /** Why it is off or invalid, and what would change that. */
  readonly reason?: string;
  /** Whether `install` added it. */
  readonly installed?: true;
  /** The variables that its options refer to. */
  readonly references: readonly ReferenceDescription[];
}

/** A variable that a store's option refers to. @category Describe */
export interface ReferenceDescription {
  /** The option. */
  readonly option: string;
  /** The variable's name. */
  readonly variable: string;
  /** Whether it is set; never to what. */
  readonly set: boolean;
}

/** A credential of a chain. @category Describe */
export interface CredentialDescription {
  /** Its key. */
  readonly key: string;
  /** Its fields. */
  readonly fields: readonly { readonly name: string; readonly presence: Presence }[];
  /** At least one of these must be there. */
  readonly anyOf?: readonly string[];
  /** Who is asked for it, in that order, and for which names. */
  readonly from: readonly { readonly store: string; readonly reads: readonly string[] }[];
  /** What is held of it. */
  readonly held?: HeldDescription;
  /** The last walk. */
  readonly last?: WalkDescription;
}

/** What is held of a credential. @category Describe */
export interface HeldDescription {
  /** The store that gave the identity. */
  readonly source: string;
  /** The store that gave each field. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether a store that should have answered couldn't. */
  readonly degraded: boolean;
  /** When it was resolved. */
  readonly resolvedAt: string;
  /** When its renewal is due. */
  readonly renewsAt?: string;
  /** When it is no longer good. */
  readonly expiresAt?: string;
}

/** The last walk of a credential. @category Describe */
export interface WalkDescription {
  /** When it ended. */
  readonly at: string;
  /** The code of the error that it ended with. */
  readonly error?: string;
  /** The declared names that would satisfy the credential. */
  readonly missing?: readonly string[];
  /** What every store said that was asked. */
  readonly trace: readonly Step[];
}

/** Describes a resolver's chain and what it holds. It asks no store; flags and references are read. */
export function describe({ plan, ambient, holds, stores, installed }: Insides): ChainDescription {
  return {
    version: 1,
    stores: plan.stores.map((store): StoreDescription => {
      const { open } = stores.get(store.name)!;
      return {
        name: store.name,
        kind: store.store.kind,
        shape: store.shape.name,
        priority: store.store.priority,
        state: open.state,
        ...(open.state === "on" ? {} : { reason: open.reason }),
        ...(installed.has(store.name) ? { installed: true } : {}),
        references: referencesOf(store, ambient.variable),
      };
    }),
    credentials: [...plan.credentials.values()].map((credential) => describeOne(credential, holds.get(credential.key))),
  };
}

function referencesOf({ options }: StorePlan, read: (name: string) => unknown): readonly ReferenceDescription[] {
  return Object.entries(options).flatMap(([option, reference]) =>
    isReference(reference) ? [{ option, variable: reference.variable, set: isSet(reference.variable, read) }] : []
  );
}

function describeOne({ key, fields, anyOf, sources }: CredentialPlan, hold?: Hold): CredentialDescription {
  return {
    key,
    fields: fields.map(({ name, presence }) => ({ name, presence })),
    ...(anyOf.length > 0 ? { anyOf: anyOf.map((at) => fields[at]!.name) } : {}),
    from: sources.map(({ store, reader }) => ({ store: store.name, reads: reader.reads })),
    ...(hold?.settled ? { held: heldOf(hold) } : {}),
    ...(hold?.last ? { last: { ...hold.last, at: time(hold.last.at) } } : {}),
  };
}

function heldOf({ credential, resolvedAt, renewsAt }: Hold): HeldDescription {
  const { source, degraded, expiresAt, fields } = credential!;
  return {
    source,
    fields: Object.fromEntries(fields.map((name) => [name, credential!.sourceOf(name)!])),
    degraded,
    resolvedAt: time(resolvedAt),
    ...(renewsAt === undefined ? {} : { renewsAt: time(renewsAt) }),
    ...(expiresAt === undefined ? {} : { expiresAt: time(expiresAt) }),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

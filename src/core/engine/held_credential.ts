import type { Credential } from "../chain/credential.ts";
import type { Fields } from "../chain/field.ts";
import { LATEST } from "../chain/limits.ts";
import type { Step } from "../chain/outcome.ts";
import { sameData } from "../source/data.ts";

/** The value of a field after its schema, its raw value before it, and the store that gave it. */
export interface Supplied {
  readonly value: unknown;
  readonly raw: unknown;
  readonly source: string;
}

/** Returns what a default, in the chain or from a caller, supplies, if there is one. */
export function byDefault(value: unknown): Supplied | undefined {
  return value === undefined ? undefined : { value, raw: value, source: "default" };
}

/** A credential's key, and the names of its fields. */
interface Named {
  readonly key: string;
  readonly names: readonly string[];
}

/** What a credential is assembled from. */
export interface Assembled {
  readonly source: string;
  readonly degraded: boolean;
  readonly expiresAt: number;
  readonly trace: readonly Step[];
  /** The values, by the field's index. */
  readonly supplied: readonly (Supplied | undefined)[];
}

class PrivateCredential implements Credential<Fields> {
  // Hint: `declare`, since bundles would otherwise initialise fields that the constructor sets.
  declare readonly key: string;
  declare readonly source: string;
  declare readonly fields: readonly string[];
  declare readonly degraded: boolean;
  declare readonly expiresAt: number | undefined;
  declare readonly generation: number;
  declare readonly trace: readonly Step[];
  readonly #names: readonly string[];
  readonly #assembled: Assembled;

  constructor({ key, names }: Named, assembled: Assembled, generation: number) {
    this.key = key;
    this.source = assembled.source;
    this.fields = Object.freeze(names.filter((_, at) => assembled.supplied[at]?.value !== undefined));
    this.degraded = assembled.degraded;
    this.expiresAt = assembled.expiresAt > LATEST ? undefined : assembled.expiresAt;
    this.generation = generation;
    this.trace = assembled.trace;
    this.#names = names;
    this.#assembled = assembled;
  }

  get(name: string): never {
    return this.#supplied(name)?.value as never;
  }

  sourceOf(name: string): string | undefined {
    return this.#supplied(name)?.source;
  }

  /**
   * Returns the credential that replaces this one if the values and their stores are the same: this very one if nothing
   * else changed either, or one of the same generation if its expiry or `degraded` did.
   */
  updated(other: Assembled): PrivateCredential | undefined {
    const mine = this.#assembled;
    const names = this.#names;
    const hasSameValues = mine.source === other.source && names.every((_, at) => {
      const a = mine.supplied[at];
      const b = other.supplied[at];
      return a?.source === b?.source && sameData(a?.raw, b?.raw);
    });
    if (!hasSameValues) return;
    const hasSameState = mine.degraded === other.degraded && mine.expiresAt === other.expiresAt;
    return hasSameState ? this : new PrivateCredential({ key: this.key, names }, other, this.generation);
  }

  toString(): string {
    return `Credential ${this.key} from ${this.source} (${this.fields.join(", ")})`;
  }

  toJSON(): object {
    return { key: this.key, source: this.source, fields: this.fields, degraded: this.degraded };
  }

  #supplied(name: string): Supplied | undefined {
    const at = this.#names.indexOf(name);
    if (at < 0) throw new TypeError(`Cannot get "${name}" of "${this.key}": its fields are ${this.#names.join(", ")}`);
    return this.#assembled.supplied[at];
  }
}

/** Makes Deno, Node and Bun print the objects of a class by their `toString`. */
function inspectedAsText<T extends { readonly prototype: object }>(type: T): T {
  const { toString } = type.prototype;
  Object.assign(type.prototype, {
    [Symbol.for("Deno.customInspect")]: toString,
    [Symbol.for("nodejs.util.inspect.custom")]: toString,
  });
  return type;
}

/** A credential of a resolver. Its values are in `#private` state, which no runtime prints, clones or serialises. */
export type HeldCredential = PrivateCredential;
// Hint: the inspections are not methods with computed names, since bundlers keep every class that has them.
/** Creates a credential of a resolver. */
export const HeldCredential: typeof PrivateCredential = /* @__PURE__ */ inspectedAsText(PrivateCredential);

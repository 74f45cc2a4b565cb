import { sameData } from "./data.ts";
import type { Fields, Values } from "./field.ts";
import type { Step } from "./outcome.ts";

/**
 * A credential: values behind one exit, and where they came from. It prints, serialises and clones without any value.
 *
 * @typeParam F Its fields.
 * @category Credentials
 */
export interface Credential<F = Fields, K extends string = string> {
  /** Its key in the chain. */
  readonly key: K;
  /** The store that gave the identity, or `"default"`. */
  readonly source: string;
  /** The names of the fields that are there. */
  readonly fields: readonly string[];
  /** Whether a store that should have answered couldn't. */
  readonly degraded: boolean;
  /** When it is no longer good, in milliseconds since 1970; `undefined` for one that doesn't expire. */
  readonly expiresAt: number | undefined;
  /** What every store said that was asked, in that order. */
  readonly trace: readonly Step[];
  /** The value of a field. An optional field is `undefined` where it is absent. */
  get<N extends keyof F & string>(name: N): Values<F>[N];
  /** The store that gave a field's value, `"default"`, or `undefined` where it is absent. */
  sourceOf(name: keyof F & string): string | undefined;
}

/** What a credential is made of. */
export interface Assembled {
  readonly source: string;
  readonly degraded: boolean;
  readonly expiresAt: number;
  readonly trace: readonly Step[];
  /** Values after their schema, and before it, by the field's index. */
  readonly values: readonly unknown[];
  readonly raw: readonly unknown[];
  readonly sources: readonly (string | undefined)[];
}

/** The only thing that holds values on behalf of a caller. */
export class HeldCredential implements Credential<Fields> {
  readonly key: string;
  readonly source: string;
  readonly fields: readonly string[];
  readonly degraded: boolean;
  readonly expiresAt: number | undefined;
  readonly trace: readonly Step[];
  readonly #names: readonly string[];
  readonly #made: Assembled;

  constructor(key: string, names: readonly string[], made: Assembled) {
    this.key = key;
    this.source = made.source;
    this.fields = Object.freeze(names.filter((_, at) => made.values[at] !== undefined));
    this.degraded = made.degraded;
    this.expiresAt = made.expiresAt === Infinity ? undefined : made.expiresAt;
    this.trace = made.trace;
    this.#names = names;
    this.#made = made;
  }

  get(name: string): never {
    return this.#made.values[this.#at(name)] as never;
  }

  sourceOf(name: string): string | undefined {
    return this.#made.sources[this.#at(name)];
  }

  /** Whether another assembly would make an equal credential. */
  equals(made: Assembled): boolean {
    const mine = this.#made;
    return mine.source === made.source && mine.degraded === made.degraded && mine.expiresAt === made.expiresAt &&
      this.#names.every((_, at) => mine.sources[at] === made.sources[at] && sameData(mine.raw[at], made.raw[at]));
  }

  toString(): string {
    return `Credential ${this.key} from ${this.source} (${this.fields.join(", ")})`;
  }

  toJSON(): object {
    return { key: this.key, source: this.source, fields: this.fields, degraded: this.degraded };
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  #at(name: string): number {
    const at = this.#names.indexOf(name);
    if (at < 0) throw new TypeError(`Cannot get "${name}" of "${this.key}": its fields are ${this.#names.join(", ")}`);
    return at;
  }
}

import type { MaybePromise } from "../../core/chain/eventually.ts";
import type { Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { Store } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import { required } from "../../core/chain/field.ts";
import { token } from "../../core/source/token.ts";
import type { NeededValues } from "./harness.ts";

/** The credentials that a store under test needs, and what a check does to them. */
export class Needed {
  /** Which one fails, and how. */
  failing: { readonly key: string; readonly refusal: Refusal } | undefined;
  /** When they arrive. */
  arrival: Promise<void> | undefined;
  /** When each expires; never unless set. */
  expiresAt: number | undefined;
  /** The keys that were asked for. */
  readonly asked: string[] = [];
  /** The values that each had last. */
  readonly last: Map<string, Readonly<Record<string, string>>> = new Map();
  readonly store: Store;
  readonly #give: Readonly<Record<string, NeededValues>>;

  constructor(give: Readonly<Record<string, NeededValues>>) {
    this.#give = give;
    this.store = storeKind({
      kind: "needed",
      shape: token,
      request: ["key"],
      open: () => ({ key }: { key: string }) => this.#obtain(key),
    })({ priority: 150 });
  }

  /** Declares each as a credential. */
  static async credentials(
    give: Readonly<Record<string, NeededValues>> = {},
  ): Promise<Readonly<Record<string, object>>> {
    const declared: Record<string, object> = {};
    for (const [key, values] of Object.entries(give)) {
      const names = Object.keys(await values());
      declared[key] = {
        fields: Object.fromEntries(names.map((name) => [name, required()])),
        from: { needed: { key } },
      };
    }
    return declared;
  }

  // Hint: a shorter value may also be a word in a message.
  /** The values that were given, by key and field, if they are long enough to be secrets. */
  get secrets(): Readonly<Record<string, string>> {
    const given = [...this.last].flatMap(([key, values]) =>
      Object.entries(values).map(([name, value]) => [`${key}.${name}`, value] as const)
    );
    return Object.fromEntries(given.filter(([, value]) => value.length >= 16));
  }

  #obtain(key: string): MaybePromise<Token | Refusal> {
    this.asked.push(key);
    if (this.failing?.key === key) return this.failing.refusal;
    return this.#given(key);
  }

  async #given(key: string): Promise<Token> {
    await this.arrival;
    const values = await this.#give[key]!();
    this.last.set(key, values);
    return this.expiresAt === undefined ? { values, expires: "never" } : { values, expiresAt: this.expiresAt };
  }
}

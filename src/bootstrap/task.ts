import type { Credential } from "../credential.ts";
import { CredentialError, type CredentialErrorCode, list } from "../errors.ts";
import { type Insides, insides } from "../insides.ts";
import type { Refusal } from "../outcome.ts";
import type { CredentialPlan, Source } from "../plan.ts";
import { present } from "../shapes/shape.ts";

/** A resolver, as far as bootstrap asks it. */
interface Asked {
  resolve(key: string): Promise<Credential>;
}

/** Field values by name, as they are written. */
export type Given = Readonly<Record<string, unknown>>;

/** What `persist` or `ensure` was called for, and how it says that it failed. */
export class Task {
  readonly key: string;
  readonly inside: Insides;
  readonly plan: CredentialPlan;
  readonly #action: "persist" | "ensure";
  readonly #resolver: Asked;

  constructor(action: "persist" | "ensure", resolver: object, key: string) {
    this.#action = action;
    this.#resolver = resolver as Asked;
    this.key = key;
    this.inside = insides(resolver);
    const { plan } = this.inside;
    if (!plan.credentials.has(key)) {
      throw this.error(
        "unknown_key",
        `the chain has no such credential: it has ${[...plan.credentials.keys()].join(", ")}`,
      );
    }
    this.plan = plan.credentials.get(key)!;
  }

  /** The values that are there and not blank, each for a field of the credential. */
  given(values: object): Given {
    const given = Object.entries(values).filter(([, value]) => present(value));
    const unknown = given.map(([name]) => name).filter((name) => !this.plan.names.includes(name));
    if (unknown.length === 0) return Object.fromEntries(given);
    // Hint: who mixes up names and values must not find a secret in the message.
    throw this.error("invalid", `a value belongs to no field: the fields are ${list(this.plan.names)}`);
  }

  /** Resolves the credential as anybody would. */
  resolve(): Promise<Credential> {
    return this.#resolver.resolve(this.key);
  }

  /** The error that says why it can't be done. */
  error(code: CredentialErrorCode, reason: string, missing: readonly string[] = []): CredentialError {
    return new CredentialError(code, reason, { key: this.key, missing, action: this.#action });
  }

  /** The error that a store's refusal is. */
  refused({ store }: Source, { outcome, detail }: Refusal): CredentialError {
    return this.error(outcome, `"${store.name}" is ${outcome}: ${detail}`);
  }
}

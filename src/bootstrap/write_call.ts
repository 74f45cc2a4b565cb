import type { Credential } from "../core/chain/credential.ts";
import { CredentialError, type CredentialErrorCode, list } from "../core/chain/errors.ts";
import type { Refusal } from "../core/chain/outcome.ts";
import { type Access, access } from "../core/engine/access.ts";
import { unknownKeyError } from "../core/engine/failure.ts";
import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import { present } from "../core/source/mapping.ts";
import type { Source } from "../core/source/source.ts";

interface Resolves {
  resolve(key: string): Promise<Credential>;
}

/** Field values by name, as they are written. */
export type RawFields = Readonly<Record<string, unknown>>;

/** One call of `persist` or `ensure`, and its errors. */
export class WriteCall {
  readonly key: string;
  readonly access: Access;
  readonly plan: CredentialPlan;
  readonly #action: "persist" | "ensure";
  readonly resolver: object;

  constructor(action: "persist" | "ensure", resolver: object, key: string) {
    this.#action = action;
    this.resolver = resolver;
    this.key = key;
    this.access = access(resolver);
    const { credentials } = this.access.plan;
    const plan = credentials.get(key);
    if (!plan) throw unknownKeyError(credentials.keys(), key, action);
    this.plan = plan;
  }

  /** Returns the members of what was given that are present: field values, or what a store would read. */
  presentMembers(values: unknown): RawFields {
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw this.error("invalid", `the values are not an object: ${this.#theFields()}`);
    }
    return Object.fromEntries(Object.entries(values).filter(([, value]) => present(value)));
  }

  /** Whether all given names are names of fields. */
  areFields(given: RawFields): boolean {
    return Object.keys(given).every((name) => this.plan.names.includes(name));
  }

  /** Returns the error for values that a store cannot hold, with the reason. */
  unfit(given: RawFields, reason: string): CredentialError {
    if (this.areFields(given)) return this.error("invalid", reason);
    // Hint: names and values may be mixed up, and the message must not show a secret.
    return this.error("invalid", `a value has a name that is not a field: ${this.#theFields()}; ${reason}`);
  }

  /** Resolves the credential, as any caller would. */
  resolve(): Promise<Credential> {
    return (this.resolver as Resolves).resolve(this.key);
  }

  /** Returns the error that says why the call fails. */
  error(code: CredentialErrorCode, reason: string, missing: readonly string[] = []): CredentialError {
    return new CredentialError(code, reason, { key: this.key, missing, action: this.#action });
  }

  /** Returns the error for a store's refusal. */
  refused({ store }: Source, { outcome, detail }: Refusal): CredentialError {
    return this.error(outcome, `"${store.name}" is ${outcome}: ${detail}`);
  }

  #theFields(): string {
    return `the fields are ${list(this.plan.names)}`;
  }
}

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

  /** Returns the values that are present, each for a field of the credential. */
  presentFields(values: unknown): RawFields {
    const fields = `the fields are ${list(this.plan.names)}`;
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw this.error("invalid", `the values are not an object: ${fields}`);
    }
    const given = Object.entries(values).filter(([, value]) => present(value));
    const unknown = given.map(([name]) => name).filter((name) => !this.plan.names.includes(name));
    if (unknown.length === 0) return Object.fromEntries(given);
    // Hint: where names and values are mixed up, the message must not show a secret.
    throw this.error("invalid", `a value has a name that is not a field: ${fields}`);
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
}

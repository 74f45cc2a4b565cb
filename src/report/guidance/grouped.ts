import type { CredentialDescription } from "../../core/engine/describe.ts";

/** Credentials about which the same is said. */
interface Grouped<T> {
  readonly keys: readonly string[];
  readonly told: T;
}

/** Groups credentials by what is said about each, compared as JSON, so that it is printed once. */
export function grouped<T>(
  credentials: readonly CredentialDescription[],
  tell: (credential: CredentialDescription) => T,
): readonly Grouped<T>[] {
  const groups = new Map<string, Grouped<T>>();
  for (const credential of credentials) {
    const told = tell(credential);
    const id = JSON.stringify(told);
    groups.set(id, { keys: [...groups.get(id)?.keys ?? [], credential.key], told });
  }
  return [...groups.values()];
}

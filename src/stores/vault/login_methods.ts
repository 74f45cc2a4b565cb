import { invalid, type Refusal } from "../../core/chain/outcome.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";

/**
 * How to log in to HashiCorp Vault or OpenBao.
 *
 * @example What each method logs in with
 * ```ts
 * import type { LoginMethod } from "@alphaswarm/credentials/vault";
 *
 * const fields: Readonly<Record<LoginMethod, readonly string[]>> = {
 *   approle: ["role_id", "secret_id"],
 *   jwt: ["token"],
 *   kubernetes: ["token"],
 *   userpass: ["user", "password"],
 * };
 * console.log(fields.approle); // ["role_id", "secret_id"]
 * ```
 * @category Stores
 */
export type LoginMethod = "approle" | "jwt" | "kubernetes" | "userpass";

/** The fields that a credential must have for each method. */
export const LOGIN_METHODS: Readonly<Record<LoginMethod, readonly string[]>> = {
  approle: ["role_id", "secret_id"],
  jwt: ["token"],
  kubernetes: ["token"],
  userpass: ["user", "password"],
};

/** Whether a text is the name of a method. */
export function isLoginMethod(method: string): method is LoginMethod {
  return Object.hasOwn(LOGIN_METHODS, method);
}

/** What is sent to log in, and what follows `login` in its path. */
export interface LoginRequest {
  readonly path: readonly string[];
  readonly body: object;
}

/** Returns what is sent to log in with a credential. */
export function loginRequest(
  method: LoginMethod,
  credential: NeededCredential,
  role: string | undefined,
): LoginRequest | Refusal {
  const values = LOGIN_METHODS[method].map((name) => [name, credential.get(name)] as const);
  const [lacking] = values.find(([, value]) => typeof value !== "string") ?? [];
  if (lacking) return invalid(`"${credential.key}" has no ${lacking}, which the method ${method} needs`);
  const { user, password, token, ...approle } = Object.fromEntries(values) as Record<string, string>;
  if (method === "userpass") return { path: [user!], body: { password } };
  if (method === "approle") return { path: [], body: approle };
  if (role === undefined && method === "kubernetes") {
    return invalid("role is not set, which the method kubernetes needs");
  }
  return { path: [], body: { role, jwt: token } };
}

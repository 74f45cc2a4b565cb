import { hostsOf } from "../../core/chain/endpoint.ts";
import type { OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { CloseContext, Surroundings, TokenContext } from "../../core/chain/store_spec.ts";
import { token } from "../../core/source/token.ts";
import { type Kept, keptFor, keptOr, PAST_MAXIMUM, secondsOf, tokenFor } from "./kept.ts";
import { isLoginMethod, LOGIN_METHODS, type LoginMethod, loginRequest } from "./login_methods.ts";
import { NO_ROLE, refusalForLogin } from "./login_refusals.ts";
import { UnderWay } from "./under_way.ts";
import {
  type CallVault,
  isAliveButForbidden,
  openServer,
  pathOf,
  type VaultAnswer,
  type VaultOptions,
  withServerTypes,
} from "./server.ts";

/**
 * What a mapping may ask `vaultLogin` for.
 *
 * @example Two roles of one mount
 * ```ts
 * import { defineChain, required } from "@alphaswarm/credentials";
 * import { tokenFile } from "@alphaswarm/credentials/identity";
 * import { vaultLogin, type VaultLoginRequest } from "@alphaswarm/credentials/vault";
 *
 * const [reader, writer]: readonly VaultLoginRequest[] = [{ role: "reader" }, {
 *   role: "writer",
 * }];
 * const url = "https://vault.example:8200";
 * const chain = defineChain({
 *   stores: {
 *     login: vaultLogin({
 *       priority: 200,
 *       url,
 *       method: "kubernetes",
 *       credential: "pod:identity",
 *     }),
 *     pod: tokenFile({ priority: 100, path: "/var/run/secrets/tokens/vault" }),
 *   },
 *   credentials: {
 *     "pod:identity": {
 *       fields: { token: required() },
 *       from: { pod: { fields: { token: "token" } } },
 *     },
 *     "vault:reader": {
 *       fields: { token: required() },
 *       from: { login: { ...reader, fields: { token: "token" } } },
 *     },
 *     "vault:writer": {
 *       fields: { token: required() },
 *       from: { login: { ...writer, fields: { token: "token" } } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface VaultLoginRequest {
  /** The server's role, for `jwt` and `kubernetes`. */
  readonly role?: string;
}

/**
 * The options of `vaultLogin`, besides `credential`.
 *
 * @example Log in with a password
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { vaultLogin, type VaultLoginOptions } from "@alphaswarm/credentials/vault";
 *
 * const options: VaultLoginOptions = {
 *   url: "https://vault.example:8200",
 *   method: "userpass",
 *   mount: "people",
 * };
 * const chain = defineChain({
 *   stores: {
 *     login: vaultLogin({ priority: 200, credential: "vault:person", ...options }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "vault:person": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "VAULT_" } },
 *     },
 *     "vault:token": { fields: { token: required() }, from: { login: true } },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface VaultLoginOptions extends VaultOptions, VaultLoginRequest {
  /** How it logs in. */
  readonly method: LoginMethod;
  /** Where the auth method is mounted; the method's own name unless set. */
  readonly mount?: string;
}

const REQUEST: OptionTypes<VaultLoginRequest> = { role: "string|undefined" };

const TYPES: OptionTypes<VaultLoginOptions> = /* @__PURE__ */ withServerTypes({
  role: "string|undefined",
  method: "string",
  mount: "string|undefined",
});

/**
 * Creates a store of the tokens of HashiCorp Vault or OpenBao. What it logs in with is a credential of the chain: `role_id` and
 * `secret_id` for `approle`, `token` for `jwt` and `kubernetes`, `user` and `password` for `userpass`. The answer's member is
 * `token`.
 *
 * A token is renewed while a renewal gives it at least half of its first lifetime; then, and once the server has
 * revoked it, another one is obtained. A token that was refused is kept if the server says that it is alive, so that a
 * `secret_id` with few uses is not used up. Tokens are revoked when the resolver is disposed of, after the leases that
 * were obtained with them. A token that is not renewable is neither renewed nor revoked.
 *
 * @example Log in by AppRole
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { vaultLogin } from "@alphaswarm/credentials/vault";
 *
 * const chain = defineChain({
 *   stores: {
 *     login: vaultLogin({
 *       priority: 300,
 *       url: fromEnv("VAULT_ADDR"),
 *       method: "approle",
 *       credential: "vault:role",
 *     }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "vault:role": {
 *       fields: { role_id: required(), secret_id: required() },
 *       from: { env: { prefix: "VAULT_" } },
 *     },
 *     "vault:token": { fields: { token: required() }, from: { login: true } },
 *   },
 * });
 * ```
 * @category Stores
 */
export const vaultLogin: StoreFactory<"token", VaultLoginOptions, "credential", VaultLoginRequest> =
  /* @__PURE__ */ storeKind({
    kind: "vaultLogin",
    shape: token,
    options: TYPES,
    request: REQUEST,
    shows: ["method", "mount", "role", "namespace"],
    needs: ["credential"],
    // Hint: serving an expired token would turn "no connection" into the server's 403.
    onExpired: "next",
    permissions: (_, { url }: VaultLoginOptions) => ({ net: hostsOf(url) }),
    open: (options: VaultLoginOptions, surroundings) => {
      const { method, mount = method } = options;
      const call = openServer(options, TYPES, mount, surroundings);
      if (isRefusal(call)) return call;
      if (!isLoginMethod(method)) {
        return invalid(`method is not known: expected ${Object.keys(LOGIN_METHODS).join(", ")}`);
      }
      const logins = new Logins(call, { ...options, mount }, surroundings);
      return {
        look: (request: VaultLoginRequest, context: TokenContext<"credential">) => logins.answer(request, context),
        close: (context: CloseContext<"credential">) => logins.revokeAll(context),
      };
    },
  });

/** A token of the server. */
interface Login {
  readonly token: string;
  readonly renewable: boolean;
  /** How long it lived at first, in seconds. */
  readonly lifetime: number;
  /** When it ends, unless it is renewed. */
  expiresAt: number;
}

/** The tokens that were obtained from a server and not revoked yet. */
class Logins {
  readonly #call: CallVault;
  readonly #options: VaultLoginOptions & { readonly mount: string };
  readonly #surroundings: Surroundings;
  readonly #byToken = new Map<unknown, Login>();
  readonly #underWay = new UnderWay();
  #closed = false;

  constructor(call: CallVault, options: VaultLoginOptions & { readonly mount: string }, surroundings: Surroundings) {
    this.#call = call;
    this.#options = options;
    this.#surroundings = surroundings;
  }

  answer(request: VaultLoginRequest, context: TokenContext<"credential">): Promise<Token | Refusal> {
    return this.#underWay.run(this.#obtain(request, context));
  }

  async #obtain(request: VaultLoginRequest, context: TokenContext<"credential">): Promise<Token | Refusal> {
    const held = this.#byToken.get(context.previous?.values.token);
    return await keptOr(held && await this.#keep(held, context), () => this.#logIn(request, context));
  }

  /** Renews a token, or checks whether a refused one is alive; gives `undefined` if another one must be obtained. */
  async #keep(
    held: Login,
    { reason, signal }: TokenContext<"credential">,
  ): Promise<Kept | Refusal | undefined> {
    const isRenewal = reason === "due";
    if (reason === "first" || reason === "need" || isRenewal && !held.renewable) return undefined;
    const { token, lifetime } = held;
    const reply = await this.#call(
      isRenewal
        ? { path: "auth/token/renew-self", token, body: {}, signal, known: PAST_MAXIMUM }
        : { path: "auth/token/lookup-self", token, signal },
    );
    if (isRefusal(reply)) return reply;
    const seconds = isRenewal ? secondsRenewed(reply) : this.#secondsLeft(held, reply);
    const kept = keptFor({ token }, seconds, lifetime);
    if (kept) this.#note(held, seconds);
    else if (!isRenewal) this.#byToken.delete(token);
    return kept && { token: kept.token, isShort: kept.isShort && isRenewal };
  }

  /** Returns how many seconds of a token are left, as the server says; `NaN` if it is dead. */
  #secondsLeft({ expiresAt }: Login, reply: VaultAnswer): number {
    if (isAliveButForbidden(reply)) {
      return expiresAt === Infinity ? 0 : (expiresAt - this.#surroundings.clock.now()) / 1_000;
    }
    const { ttl, num_uses: uses } = Object(reply.body.data);
    // Hint: asking may have been the last use of a token with few uses.
    return reply.status === 200 && !(uses < 0) ? secondsOf(ttl) : NaN;
  }

  async #logIn(request: VaultLoginRequest, context: TokenContext<"credential">): Promise<Token | Refusal> {
    const { need, signal } = context;
    const { method, mount } = this.#options;
    // Hint: without a role, the server would use the default role of the mount.
    const role = given(request.role) ?? given(this.#options.role);
    const credential = await need("credential");
    const asked = loginRequest(method, credential, role);
    if (isRefusal(asked)) return asked;
    const path = pathOf("auth", mount, "login", ...asked.path);
    if (path === undefined) return invalid(`"${credential.key}" has a user that is not part of a path`);
    const reply = await this.#call({ path, body: asked.body, signal, known: NO_ROLE });
    if (isRefusal(reply)) return reply;
    const { client_token: token, lease_duration: duration, renewable } = Object(reply.body.auth);
    if (reply.status !== 200 || typeof token !== "string" || token === "") {
      const { declared } = this.#surroundings;
      const shownRole = role === request.role ? context.declared["request.role"] : declared.role;
      return refusalForLogin(reply, {
        credential,
        mount: declared.mount ?? mount,
        namespace: declared.namespace,
        role: shownRole ?? role,
      });
    }
    const lifetime = secondsOf(duration);
    const login: Login = { token, renewable: renewable === true, lifetime, expiresAt: 0 };
    this.#byToken.set(token, login);
    this.#note(login, lifetime);
    if (this.#closed || Number.isNaN(lifetime)) await this.#revoke(login, signal);
    return tokenFor({ token }, lifetime);
  }

  /** Notes for how many seconds from now a token is valid; 0 means forever. */
  #note(login: Login, seconds: number): void {
    const now = this.#surroundings.clock.now();
    login.expiresAt = seconds === 0 ? Infinity : now + seconds * 1_000;
    for (const [token, { expiresAt }] of this.#byToken) {
      if (expiresAt <= now) this.#byToken.delete(token);
    }
  }

  async revokeAll({ signal }: CloseContext<"credential">): Promise<void> {
    this.#closed = true;
    const held = [...this.#byToken.values()].map((login) => this.#revoke(login, signal));
    await Promise.all([...held, this.#underWay.ended(this.#surroundings)]);
  }

  async #revoke({ token, renewable }: Login, signal: AbortSignal): Promise<void> {
    this.#byToken.delete(token);
    if (renewable) await this.#call({ path: "auth/token/revoke-self", token, body: {}, signal });
  }
}

/** Returns a text unless it is blank. */
function given(text: string | undefined): string | undefined {
  return text?.trim() ? text : undefined;
}

function secondsRenewed({ status, body }: VaultAnswer): number {
  return status === 200 ? secondsOf(Object(body.auth).lease_duration) : NaN;
}

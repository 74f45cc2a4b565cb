import { hostsOf } from "../../core/chain/endpoint.ts";
import type { OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { CloseContext, NeededCredential, Surroundings, TokenContext } from "../../core/chain/store_spec.ts";
import { token } from "../../core/source/token.ts";
import { type Kept, keptFor, keptOr, PAST_MAXIMUM, secondsOf, tokenFor } from "./kept.ts";
import { type Lease, Leases } from "./leases.ts";
import { refusalForRole, ROLE_ERRORS, type SecretRequest } from "./secret_refusals.ts";
import { UnderWay } from "./under_way.ts";
import { type CallVault, openServer, pathOf, tokenOf, type VaultOptions, withServerTypes } from "./server.ts";

/** How long a replaced lease is left to the connections that use it. */
const OVERLAP_MS = 30_000;

/**
 * What a mapping asks `vaultDynamic` for.
 *
 * @example A user with fewer rights for reports
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { vaultDynamic, type VaultDynamicRequest } from "@alphaswarm/credentials/vault";
 *
 * const request: VaultDynamicRequest = { role: "reports" };
 * const fields = { user: "username", password: "password" };
 * const url = "https://vault.example:8200";
 * const chain = defineChain({
 *   stores: {
 *     db: vaultDynamic({ priority: 200, url, login: "vault:token", mount: "database" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "vault:token": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "VAULT_" } },
 *     },
 *     "pg:reports": {
 *       fields: { user: required(), password: required() },
 *       from: { db: { ...request, fields } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface VaultDynamicRequest {
  /** The role of the secrets engine. */
  readonly role: string;
}

/**
 * The options of `vaultDynamic`, besides `login`.
 *
 * @example Leave a minute to open connections
 * ```ts
 * import { vaultDynamic, type VaultDynamicOptions } from "@alphaswarm/credentials/vault";
 *
 * const options: VaultDynamicOptions = {
 *   url: "https://vault.example:8200",
 *   mount: "database",
 *   overlap: 60_000,
 * };
 * const fields = { user: "username", password: "password" };
 * // In the from of a credential: { db: { role: "app", fields } }
 * const db = vaultDynamic({ priority: 200, login: "vault:token", ...options });
 * ```
 * @category Stores
 */
export interface VaultDynamicOptions extends VaultOptions {
  /** Where the secrets engine is mounted, such as `database`. */
  readonly mount: string;
  /** How long a lease that was replaced is kept before it is revoked, in milliseconds; 30,000 unless set. */
  readonly overlap?: number;
}

const REQUEST: OptionTypes<VaultDynamicRequest> = { role: "string" };

const TYPES: OptionTypes<VaultDynamicOptions> = /* @__PURE__ */ withServerTypes({
  mount: "string",
  overlap: "number|undefined",
});

const CHECKS = {
  // Hint: a timer whose time is not a number runs at once.
  overlap: (value: unknown) => Number(value) >= 0 ? undefined : "Expected 0 or more milliseconds",
};

/**
 * Creates a store of dynamic secrets of HashiCorp Vault or OpenBao, such as the users that the database engine creates.
 * `login` is a credential of the chain with a `token`, such as `vaultLogin` gives, and a mapping names the `role`. The
 * answer's members are those of the secret: `username` and `password` for a database.
 *
 * A lease is valid until its own expiry or that of its login, whichever is first; after another login, another lease is
 * obtained. It is renewed while a renewal gives it at least half of its first lifetime; then another secret is
 * obtained, and the previous one is revoked after `overlap`, so that open connections can end. All leases are revoked
 * when the resolver is disposed of; after a crash, and on workerd, they expire by themselves. Revoking needs `update`
 * on `sys/leases/revoke` in the login's policy. The login's tokens must not be limited to a number of uses
 * (`token_num_uses`), since the last use ends their leases.
 *
 * A lease ends with its login. The login may be replaced as late as when a quarter of its lifetime is left, and the
 * lease after that. So both lifetimes (`token_ttl`, `default_ttl`) must be at least eight times `overlap`: four minutes
 * unless it is set.
 *
 * @example A user of PostgreSQL
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { vaultDynamic, vaultLogin } from "@alphaswarm/credentials/vault";
 *
 * const url = fromEnv("VAULT_ADDR");
 * const chain = defineChain({
 *   stores: {
 *     login: vaultLogin({
 *       priority: 300,
 *       url,
 *       method: "approle",
 *       credential: "vault:role",
 *     }),
 *     db: vaultDynamic({ priority: 200, url, login: "vault:token", mount: "database" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "vault:role": {
 *       fields: { role_id: required(), secret_id: required() },
 *       from: { env: { prefix: "VAULT_" } },
 *     },
 *     "vault:token": { fields: { token: required() }, from: { login: true } },
 *     "pg:app": {
 *       fields: { user: required(), password: required() },
 *       from: { db: { role: "app", fields: { user: "username", password: "password" } } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const vaultDynamic: StoreFactory<"token", VaultDynamicOptions, "login", VaultDynamicRequest> =
  /* @__PURE__ */ storeKind({
    kind: "vaultDynamic",
    shape: token,
    options: TYPES,
    request: REQUEST,
    shows: ["mount", "namespace"],
    checks: CHECKS,
    needs: ["login"],
    requires: { login: ["token"] },
    binds: ["login"],
    issuesTogether: ["username", "password"],
    onExpired: "next",
    permissions: (_, { url }: VaultDynamicOptions) => ({ net: hostsOf(url) }),
    open: (options: VaultDynamicOptions, surroundings) => {
      const call = openServer(options, TYPES, options.mount, surroundings);
      if (isRefusal(call)) return call;
      const secrets = new DynamicSecrets(call, options, surroundings);
      return {
        look: (request: VaultDynamicRequest, context: TokenContext<"login">) => secrets.answer(request, context),
        close: (context: CloseContext<"login">) => secrets.close(context),
      };
    },
  });

/** The secrets of one engine, and their leases. */
class DynamicSecrets {
  readonly #call: CallVault;
  readonly #options: VaultDynamicOptions;
  readonly #surroundings: Surroundings;
  readonly #leases: Leases;
  readonly #underWay = new UnderWay();

  constructor(call: CallVault, options: VaultDynamicOptions, surroundings: Surroundings) {
    this.#call = call;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#leases = new Leases(call, surroundings);
  }

  async answer({ role }: VaultDynamicRequest, context: TokenContext<"login">): Promise<Token | Refusal> {
    const login = await context.need("login");
    return await this.#underWay.run(this.#obtain(role, login, context));
  }

  async #obtain(
    role: string,
    login: NeededCredential,
    { reason, previous, signal, declared }: TokenContext<"login">,
  ): Promise<Token | Refusal> {
    const held = this.#leases.of(previous?.values);
    const isRenewable = reason === "due" && held?.renewable && held.token === tokenOf(login);
    const renewed = isRenewable ? await this.#renew(held, signal) : undefined;
    return await keptOr(renewed, async () => {
      const fresh = await this.#issue(role, login, signal, declared["request.role"]);
      if (held && !isRefusal(fresh)) {
        this.#leases.revokeLater(held, tokenOf(login), this.#options.overlap ?? OVERLAP_MS);
      }
      return fresh;
    });
  }

  /** Renews a lease; gives `undefined` if the server no longer has it. */
  async #renew(held: Lease, signal: AbortSignal): Promise<Kept | Refusal | undefined> {
    const { id, token, lifetime, values } = held;
    const reply = await this.#call({
      path: "sys/leases/renew",
      token,
      body: { lease_id: id },
      signal,
      known: PAST_MAXIMUM,
    });
    if (isRefusal(reply)) return reply;
    if (reply.status !== 200) return undefined;
    const seconds = secondsOf(reply.body.lease_duration);
    const kept = keptFor(values, seconds, lifetime);
    if (kept) this.#leases.note(held, seconds);
    return kept;
  }

  async #issue(
    role: string,
    login: NeededCredential,
    signal: AbortSignal,
    shownRole: string = role,
  ): Promise<Token | Refusal> {
    const request = this.#requestFor(shownRole, login, signal);
    const url = pathOf(this.#options.mount, "creds", role);
    if (url === undefined) return invalid(`"${shownRole}" is not the name of a role`);
    const token = tokenOf(login);
    const reply = await this.#call({ path: url, token, signal, known: ROLE_ERRORS });
    if (isRefusal(reply)) return reply;
    const { lease_id: id, lease_duration: duration, renewable, data: values } = reply.body;
    if (reply.status !== 200 || !id || typeof values !== "object" || values === null) {
      return await refusalForRole(reply, shownRole, request);
    }
    const seconds = secondsOf(duration);
    const lease = { id: String(id), token, renewable: renewable === true, lifetime: seconds, values: { ...values } };
    await this.#leases.add(lease, seconds, signal);
    return tokenFor(lease.values, seconds);
  }

  #requestFor(role: string, login: NeededCredential, signal: AbortSignal): SecretRequest {
    const { declared } = this.#surroundings;
    const mount = declared.mount ?? this.#options.mount;
    const path = `${mount}/creds/${role}`;
    return { call: this.#call, login, signal, mount, namespace: declared.namespace, path, capability: "read" };
  }

  async close({ need, signal }: CloseContext<"login">): Promise<void> {
    const login = need("login");
    const revoked = this.#leases.revokeAll(login && tokenOf(login), signal);
    await Promise.all([revoked, this.#underWay.ended(this.#surroundings)]);
  }
}

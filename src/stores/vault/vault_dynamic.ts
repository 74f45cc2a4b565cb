import { hostsOf } from "../../core/chain/endpoint.ts";
import { type OptionTypes, wrongType } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { CloseContext, NeededCredential, Surroundings, TokenContext } from "../../core/chain/store_spec.ts";
import { token } from "../../core/source/token.ts";
import { type Lease, Leases } from "./leases.ts";
import { type Asked, refusalForRole } from "./vault_refusals.ts";
import { UnderWay } from "./under_way.ts";
import {
  type CallVault,
  isGoodFor,
  pathOf,
  secondsOf,
  tokenOf,
  type VaultOptions,
  vaultServer,
  withServerTypes,
} from "./vault_server.ts";

/** How long a lease that was replaced is left to the connections that use it. */
const OVERLAP_MS = 30_000;

/** What a mapping asks of `vaultDynamic`. @category Stores */
export interface VaultDynamicRequest {
  /** The role of the secrets engine. */
  readonly role: string;
}

/** The options of `vaultDynamic`, besides `login`. @category Stores */
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
  // Hint: a timer runs at once where its time is not a number.
  overlap: (value: unknown) => Number(value) >= 0 ? undefined : "Expected 0 or more milliseconds",
};

/**
 * Creates a store of dynamic secrets of HashiCorp Vault or OpenBao, such as the users that the database engine makes. `login` is
 * a credential of the chain with a `token`, such as `vaultLogin` gives, and a mapping names the `role`. The answer's members are
 * those of the secret: `username` and `password` for a database.
 *
 * A lease is good until its own expiry or that of its login, whichever is first, and another login asks for another lease. It
 * is renewed while that gives it at least half of its first lifetime; then another secret is obtained, and the one before it is
 * revoked after `overlap`, so that open connections can end. All leases are revoked when the resolver is disposed of; after a
 * crash, and on workerd, they expire by themselves. The login's policy needs `update` on `sys/leases/revoke` for that, and
 * its tokens must not be limited to a number of uses (`token_num_uses`), since the last one ends their leases.
 *
 * A lease ends with its login, which is replaced when as little as a quarter of its lifetime is left, and the lease after that.
 * So both lifetimes (`token_ttl`, `default_ttl`) must be at least eight times `overlap`: four minutes unless it is set.
 *
 * @example
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { vaultDynamic, vaultLogin } from "@alphaswarm/credentials/vault";
 *
 * const url = fromEnv("VAULT_ADDR");
 * const chain = defineChain({
 *   stores: {
 *     login: vaultLogin({ priority: 300, url, method: "approle", credential: "vault:role" }),
 *     db: vaultDynamic({ priority: 200, url, login: "vault:token", mount: "database" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "vault:role": { fields: { role_id: required(), secret_id: required() }, from: { env: { prefix: "VAULT_" } } },
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
    onExpired: "next",
    permissions: (_, { url }: VaultDynamicOptions) => ({ net: hostsOf(url) }),
    open: (options: VaultDynamicOptions, surroundings) => {
      const mistake = wrongType(options, TYPES);
      if (mistake) return mistake;
      if (pathOf(options.mount) === undefined) return invalid("mount is not a path: expected such as database");
      const call = vaultServer(options, surroundings);
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
    if (isRefusal(renewed) || renewed && !renewed.isShort) return isRefusal(renewed) ? renewed : renewed.token;
    const fresh = await this.#issue(role, login, signal, declared["request.role"]);
    // Hint: what is left of the held one is better than nothing.
    if (isRefusal(fresh)) return renewed && fresh.outcome === "unavailable" ? renewed.token : fresh;
    if (held) this.#leases.revokeLater(held, tokenOf(login), this.#options.overlap ?? OVERLAP_MS);
    return fresh;
  }

  /** Renews a lease; nothing where the server has it no more. */
  async #renew(
    held: Lease,
    signal: AbortSignal,
  ): Promise<{ readonly token: Token; readonly isShort: boolean } | Refusal | undefined> {
    const { id, token, lifetime, values } = held;
    const reply = await this.#call({ method: "POST", path: "sys/leases/renew", token, body: { lease_id: id }, signal });
    if (isRefusal(reply)) return reply;
    if (reply.status !== 200) return undefined;
    const seconds = secondsOf(reply.body.lease_duration);
    if (!isGoodFor(seconds, lifetime)) return undefined;
    this.#leases.note(held, seconds);
    // Hint: near its maximum a lease is renewed for less and less.
    return { token: tokenFor(values, seconds), isShort: seconds < lifetime / 2 };
  }

  async #issue(
    role: string,
    login: NeededCredential,
    signal: AbortSignal,
    shownRole: string = role,
  ): Promise<Token | Refusal> {
    const asked = this.#asked(shownRole, login, signal);
    const url = pathOf(this.#options.mount, "creds", role);
    if (url === undefined) return invalid(`"${shownRole}" is not the name of a role`);
    const token = tokenOf(login);
    const reply = await this.#call({ path: url, token, signal });
    if (isRefusal(reply)) return reply;
    const { lease_id: id, lease_duration: duration, renewable, data: values } = reply.body;
    if (reply.status !== 200 || !id || typeof values !== "object" || values === null) {
      return await refusalForRole(reply, shownRole, asked);
    }
    const seconds = secondsOf(duration);
    const lease = { id: String(id), token, renewable: renewable === true, lifetime: seconds, values };
    await this.#leases.add(lease, seconds, signal);
    return tokenFor(values, seconds);
  }

  #asked(role: string, login: NeededCredential, signal: AbortSignal): Asked {
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

function tokenFor(values: object, seconds: number): Token {
  const all = values as Token["values"];
  return seconds === 0 ? { values: all, expires: "never" } : { values: all, expiresIn: seconds };
}

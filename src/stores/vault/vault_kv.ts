import { hostsOf } from "../../core/chain/endpoint.ts";
import { answer, type AnswerOptions } from "../../core/chain/answer.ts";
import type { Changes } from "../../core/chain/changes.ts";
import type { OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { Context, Surroundings } from "../../core/chain/store_spec.ts";
import { document } from "../../core/source/document.ts";
import { inNamespace, lacksCapability, refusalFor, type SecretRequest } from "./secret_refusals.ts";
import {
  type CallVault,
  openServer,
  pathOf,
  tokenOf,
  type VaultAnswer,
  type VaultOptions,
  withServerTypes,
} from "./server.ts";

/**
 * The options of `vaultKv`, besides `login`.
 *
 * @example An engine of version 1, at a mount of its own
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { vaultKv, type VaultKvOptions } from "@alphaswarm/credentials/vault";
 *
 * const options: VaultKvOptions = {
 *   url: "https://vault.example:8200",
 *   mount: "apps",
 *   version: 1,
 * };
 * const chain = defineChain({
 *   stores: {
 *     kv: vaultKv({ priority: 200, login: "vault:token", ...options }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "vault:token": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "VAULT_" } },
 *     },
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { kv: "neo4j/app" },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface VaultKvOptions extends VaultOptions {
  /** Where the secrets engine is mounted; `secret` unless set. */
  readonly mount?: string;
  /** The version of the KV engine; 2 unless set. Version 1 can only be read. */
  readonly version?: 1 | 2;
}

const TYPES: OptionTypes<VaultKvOptions> = /* @__PURE__ */ withServerTypes({
  mount: "string|undefined",
  version: "number|undefined",
});

const CHECKS = {
  version: (value: unknown) => value === 1 || value === 2 ? undefined : "Expected 1 or 2",
};

/** How long a mount is known to be of this version: another one may take its place. */
const MOUNT_MS = 60_000;

/**
 * Creates a store of the documents in a KV secrets engine of HashiCorp Vault or OpenBao: a mapping names a secret by its path
 * below the mount. `login` is a credential of the chain with a `token`, such as `vaultLogin` gives.
 *
 * A secret that does not exist, or whose newest version was deleted or destroyed, is a miss. `persist` and `ensure`
 * write by check-and-set, so that no change is lost. A wrong mount, version or namespace, which the server answers much
 * like a missing secret, is `invalid`.
 *
 * @example A document by AppRole
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { vaultKv, vaultLogin } from "@alphaswarm/credentials/vault";
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
 *     kv: vaultKv({ priority: 200, url, login: "vault:token" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "vault:role": {
 *       fields: { role_id: required(), secret_id: required() },
 *       from: { env: { prefix: "VAULT_" } },
 *     },
 *     "vault:token": { fields: { token: required() }, from: { login: true } },
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { kv: "neo4j/app" },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const vaultKv: StoreFactory<"document", VaultKvOptions, "login"> = /* @__PURE__ */ storeKind({
  kind: "vaultKv",
  shape: document,
  recheck: 60_000,
  options: TYPES,
  shows: ["mount", "namespace", "version"],
  checks: CHECKS,
  needs: ["login"],
  requires: { login: ["token"] },
  permissions: (_, { url }: VaultKvOptions) => ({ net: hostsOf(url) }),
  open: (options: VaultKvOptions, surroundings) => {
    const kv = openKv(options, surroundings);
    return isRefusal(kv) ? kv : (name: string, context: Context<"login">) => kv.read(name, context);
  },
  write: (options: VaultKvOptions, surroundings) => {
    const kv = openKv(options, surroundings);
    return async (change, context) => isRefusal(kv) ? kv : await kv.write(change, context);
  },
});

function openKv(options: VaultKvOptions, surroundings: Surroundings): Kv | Refusal {
  const call = openServer(options, TYPES, options.mount ?? "secret", surroundings);
  return isRefusal(call) ? call : new Kv(call, options, surroundings);
}

/** A KV secrets engine. */
class Kv {
  readonly #call: CallVault;
  readonly #mount: string;
  readonly #isVersioned: boolean;
  readonly #surroundings: Surroundings;
  /** Until when the mount is known to be of this version, so that a missing secret is a miss. */
  #verifiedUntil = 0;

  constructor(call: CallVault, { mount = "secret", version = 2 }: VaultKvOptions, surroundings: Surroundings) {
    this.#call = call;
    this.#mount = mount;
    this.#isVersioned = version === 2;
    this.#surroundings = surroundings;
  }

  async read(name: string, context: Context<"login">): Promise<unknown> {
    const request = await this.#requestFor(name, "read", context);
    if (isRefusal(request)) return request;
    const reply = await this.#call({ path: request.url, token: tokenOf(request.login), signal: request.signal });
    if (isRefusal(reply)) return reply;
    const { status, errors, body } = reply;
    const data = this.#isVersioned ? Object(body.data).data : body.data;
    const metadata = this.#isVersioned ? Object(body.data).metadata : undefined;
    if (metadata && (status === 200 || status === 404)) {
      return answer(status === 200 ? data ?? undefined : undefined, this.#known(metadata, reply));
    }
    const mount = `"${request.mount}"${inNamespace(request.namespace)}`;
    // Hint: each read of a path of dynamic secrets would create one.
    if (body.lease_id) return invalid(`${mount} is not a KV secrets engine`);
    if (status === 200 && data && !this.#isVersioned) return data;
    if (status === 404 && errors === "") return await this.#missing(request, mount);
    // Hint: only version 2 warns about a path of version 1, and leaves out the errors.
    if (status === 404 && errors === undefined && body.warnings) {
      return invalid(`${mount} is version 2 of KV: remove version`);
    }
    if (reply.response.ok) {
      return invalid(`${request.path} gave no secret (HTTP ${status}): it may be wrapped, or a proxy answered`);
    }
    return await refusalFor(reply, request);
  }

  async write({ name, before, after }: Changes["document"], context: Context<"login">): Promise<boolean | Refusal> {
    if (!this.#isVersioned) return invalid(`"${this.#shownMount}" is version 1 of KV, which can only be read`);
    const request = await this.#requestFor(name, "create and update", context);
    if (isRefusal(request)) return request;
    if (Object.keys(after).length === 0 && await this.#isWriteOnce(request)) return lacksCapability(request);
    const body = { data: after, options: { cas: before.version ?? 0 } };
    const { url: path, login, signal } = request;
    const reply = await this.#call({ path, token: tokenOf(login), body, signal });
    if (isRefusal(reply)) return reply;
    if (reply.status === 200) return true;
    if (reply.status === 400 && reply.errors?.includes("check-and-set")) return false;
    return await refusalFor(reply, request);
  }

  // Hint: what is minted after a claim would be lost if the policy only allowed creating the claim.
  /** Whether it is known that the login may not write a second time. */
  async #isWriteOnce({ call, login, signal, url }: SecretRequest & { readonly url: string }): Promise<boolean> {
    const body = { paths: [decodeURIComponent(url)] };
    const reply = await call({ path: "sys/capabilities-self", token: tokenOf(login), body, signal });
    const { capabilities } = isRefusal(reply) ? {} : Object(reply.body.data);
    return Array.isArray(capabilities) && !["update", "root"].some((each) => capabilities.includes(each));
  }

  get #shownMount(): string {
    return this.#surroundings.declared.mount ?? this.#mount;
  }

  async #requestFor(
    name: string,
    capability: string,
    { need, signal }: Context<"login">,
  ): Promise<SecretRequest & { readonly url: string } | Refusal> {
    const below = this.#isVersioned ? ["data", name] : [name];
    const url = pathOf(this.#mount, ...below);
    if (url === undefined) return invalid(`"${name}" is not the path of a secret`);
    const login = await need("login");
    const mount = this.#shownMount;
    const path = [mount, ...below].join("/");
    return {
      call: this.#call,
      login,
      signal,
      mount,
      namespace: this.#surroundings.declared.namespace,
      path,
      capability,
      url,
    };
  }

  // Hint: a mount of version 1 answers that nothing is there for every path of version 2.
  /** Returns a miss once the mount is known to be what the chain says. */
  async #missing({ call, login, signal }: SecretRequest, mount: string): Promise<undefined | Refusal> {
    const now = this.#surroundings.clock.now();
    if (now < this.#verifiedUntil) return undefined;
    const reply = await call({
      path: `sys/internal/ui/mounts/${pathOf(this.#mount)}`,
      token: tokenOf(login),
      signal,
    });
    if (isRefusal(reply)) return reply;
    const { type, options, path } = Object(reply.body.data);
    if (reply.status !== 200 || typeof type !== "string") {
      return invalid(
        `cannot tell a missing secret from another version of KV: ${mount} is not shown to the login`,
      );
    }
    if (path !== `${this.#mount}/`) return invalid(`nothing is mounted at ${mount}`);
    if (type !== "kv") return invalid(`${mount} is not a KV secrets engine`);
    const version = Object(options).version === "2" ? 2 : 1;
    if ((version === 2) !== this.#isVersioned) {
      return invalid(`${mount} is version ${version} of KV: ${version === 2 ? "remove version" : "set version: 1"}`);
    }
    this.#verifiedUntil = now + MOUNT_MS;
  }

  /** Returns what the engine knows about a version; its times are by the server's clock. */
  #known(metadata: Readonly<Record<string, unknown>>, { response }: VaultAnswer): AnswerOptions {
    const now = this.#surroundings.clock.now();
    const served = Date.parse(response.headers.get("date") ?? "");
    const age = served - Date.parse(String(metadata.created_time));
    const left = Date.parse(String(metadata.deletion_time)) - (served || now);
    return {
      ...(Number.isInteger(metadata.version) && { version: Number(metadata.version) }),
      ...(age >= 0 && { age }),
      ...(left > 0 && { expiresAt: now + left }),
    };
  }
}

import { type OpenBao, startOpenBao } from "./openbao.ts";
import { serverTest } from "./server_test_case.ts";

/** A request as a store sent it: its method and its path below `/v1/`. */
export type SentRequest = `${"GET" | "POST"} ${string}`;

/** An OpenBao for the tests of the stores, and what its operator does to it. */
export interface VaultAdmin extends OpenBao {
  /** The requests that were sent by `fetch`, in order. */
  readonly sent: SentRequest[];
  /** Sends requests, and records them. */
  readonly fetch: typeof fetch;
  /** Does something that the root may. */
  // deno-lint-ignore no-explicit-any
  admin(method: string, path: string, body?: object): Promise<any>;
  /** Writes a policy: the capabilities by path. */
  setPolicy(name: string, paths: Readonly<Record<string, readonly string[]>>): Promise<void>;
  /** Makes a role of AppRole with the policy of its name, and returns what it logs in with. */
  addAppRole(name: string, options?: object): Promise<{ readonly role_id: string; readonly secret_id: string }>;
}

/** Starts an OpenBao with AppRole. */
export async function startVault(): Promise<VaultAdmin> {
  const server: OpenBao = await startOpenBao();
  const { url, token, unseal } = server;
  const sent: SentRequest[] = [];
  const admin: VaultAdmin["admin"] = async (method, path, body) => {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { "x-vault-token": token },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? {} : JSON.parse(text);
  };
  await admin("POST", "sys/auth/approle", { type: "approle" });
  return {
    url,
    token,
    unseal,
    sent,
    fetch: (input, init) => {
      sent.push(`${init?.method ?? "GET"} ${String(input).slice(`${url}/v1/`.length)}` as SentRequest);
      return fetch(input, init);
    },
    admin,
    setPolicy: async (name, paths) => {
      const policy = Object.entries(paths).map(([path, capabilities]) =>
        `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`
      );
      await admin("PUT", `sys/policies/acl/${name}`, { policy: policy.join("\n") });
    },
    addAppRole: async (name, options = {}) => {
      await admin("POST", `auth/approle/role/${name}`, { token_policies: name, ...options });
      const { data: { role_id } } = await admin("GET", `auth/approle/role/${name}/role-id`);
      const { data: { secret_id } } = await admin("POST", `auth/approle/role/${name}/secret-id`, {});
      return { role_id, secret_id };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Counts the requests of a kind that were sent. */
export function countSent({ sent }: VaultAdmin, request: SentRequest): number {
  return sent.filter((each) => each === request).length;
}

/** Registers a test with a real OpenBao that has a secret `app`, which the policy `app` may read. */
export function vaultTest(name: string, run: (server: VaultAdmin, t: Deno.TestContext) => Promise<void>): void {
  serverTest(name, ["openbao"], async (t) => {
    await using server = await startVault();
    await server.setPolicy("app", { "secret/data/app": ["read"] });
    await server.admin("POST", "secret/data/app", { data: { user: "app" } });
    await run(server, t);
  });
}

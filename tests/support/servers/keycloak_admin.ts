import { KEYCLOAK_ADMIN } from "./get/keycloak.ts";

/** Calls the admin REST API of a Keycloak for one realm. */
export class KeycloakAdmin {
  /** The name of the realm. */
  readonly realm = "alphaswarm";
  readonly #url: string;

  /**
   * Creates it.
   *
   * @param url The URL of the server.
   */
  constructor(url: string) {
    this.#url = url;
  }

  /** Creates the realm. */
  createRealm(): Promise<unknown> {
    return this.#call("POST", "", { realm: this.realm, enabled: true });
  }

  /** Creates an object of the realm, at a path such as `/clients`. */
  create(path: string, object: unknown): Promise<unknown> {
    return this.#call("POST", `/${this.realm}${path}`, object);
  }

  /** Changes some members of a client. */
  async changeClient(clientId: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
    const [client] = await this.get<{ id: string }>(`/clients?clientId=${encodeURIComponent(clientId)}`);
    if (client === undefined) throw new Error(`Cannot find the client "${clientId}"`);
    await this.#call("PUT", `/${this.realm}/clients/${client.id}`, { ...client, ...changes });
  }

  /** Replaces the keys that sign tokens. */
  async rotateKeys(): Promise<void> {
    const keys = await this.get<{ id: string; providerId: string }>("/components?type=org.keycloak.keys.KeyProvider");
    await this.create("/components", {
      name: `rsa-${crypto.randomUUID()}`,
      providerId: "rsa-generated",
      providerType: "org.keycloak.keys.KeyProvider",
      config: { priority: ["200"] },
    });
    for (const { id } of keys.filter(({ providerId }) => providerId === "rsa-generated")) {
      await this.#call("DELETE", `/${this.realm}/components/${id}`);
    }
  }

  /** Returns the objects at a path of the realm. */
  async get<Item>(path: string): Promise<readonly Item[]> {
    return await this.#call("GET", `/${this.realm}${path}`) as readonly Item[];
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.#url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token()}`, "content-type": "application/json" },
      ...body === undefined ? {} : { body: JSON.stringify(body) },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Cannot ${method} "${path}" of Keycloak: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  async #token(): Promise<string> {
    const answer = await fetch(`${this.#url}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "password",
        client_id: "admin-cli",
        username: KEYCLOAK_ADMIN.user,
        password: KEYCLOAK_ADMIN.password,
      }),
    });
    const { access_token } = await answer.json();
    if (!answer.ok) throw new Error(`Cannot log on to Keycloak: ${answer.status}`);
    return access_token;
  }
}

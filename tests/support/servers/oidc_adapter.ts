import type { Adapter, AdapterPayload } from "./oidc_provider.d.ts";

/** The storage of an OpenID provider in memory. */
export class OidcAdapter implements Adapter {
  readonly #payloads = new Map<string, AdapterPayload>();

  /** Creates or replaces an entry. The provider checks expiry itself. */
  upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#payloads.set(id, payload);
    return Promise.resolve();
  }

  /** Finds an entry. */
  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#payloads.get(id));
  }

  /** Finds a session by its `uid`. */
  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#payloads.values().find((payload) => payload.uid === uid));
  }

  /** Finds a device code by its user code. */
  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#payloads.values().find((payload) => payload.userCode === userCode));
  }

  /** Marks an entry as used. */
  consume(id: string): Promise<void> {
    const payload = this.#payloads.get(id);
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
    return Promise.resolve();
  }

  /** Deletes an entry. */
  destroy(id: string): Promise<void> {
    this.#payloads.delete(id);
    return Promise.resolve();
  }

  /** Deletes the entries of a grant. */
  revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.#payloads) if (payload.grantId === grantId) this.#payloads.delete(id);
    return Promise.resolve();
  }
}

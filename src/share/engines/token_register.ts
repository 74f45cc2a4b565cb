/**
 * The storage of a Durable Object, as far as `TokenRegister` uses it.
 *
 * @example A storage in memory, for a test of a Worker
 * ```ts
 * import { type ObjectStorage, TokenRegister } from "@alphaswarm/credentials/share";
 *
 * const values = new Map<string, unknown>();
 * const storage: ObjectStorage = {
 *   get: (key) => Promise.resolve(values.get(key)),
 *   put: (key, value) => Promise.resolve(void values.set(key, value)),
 *   deleteAll: () => Promise.resolve(values.clear()),
 *   setAlarm: () => Promise.resolve(),
 * };
 * const register = new TokenRegister({ storage });
 * const answer = await register.fetch(new Request("https://token-register/"));
 * console.log(Object.keys(await answer.json())); // ["now"]
 * ```
 * @category Share
 */
export interface ObjectStorage {
  /** Reads a value. */
  get(key: string): Promise<unknown>;
  /** Writes a value. */
  put(key: string, value: unknown): Promise<void>;
  /** Removes all values. */
  deleteAll(): Promise<void>;
  /** Sets when `alarm` is called, in milliseconds since 1970. */
  setAlarm(at: number): Promise<void>;
}

const KEY = "entry";

interface Change {
  readonly before?: string;
  readonly text: string;
  /** In milliseconds. */
  readonly ttl: number;
}

interface Entry {
  readonly text: string;
  /** When it lapses, in milliseconds since 1970. */
  readonly end: number;
}

/**
 * The Durable Object behind `durableObject`: one text, which only a caller that knows it can replace, and which is
 * removed when it lapses. A Worker only has to export this class.
 *
 * @example The Worker that has the objects
 * ```ts
 * // In wrangler.jsonc: "class_name": "TokenRegister".
 * export { TokenRegister } from "@alphaswarm/credentials/share";
 *
 * export default {
 *   fetch: () => new Response("This Worker only has the objects", { status: 404 }),
 * };
 * ```
 * @category Share
 */
export class TokenRegister {
  readonly #storage: ObjectStorage;

  /** Called by the runtime. */
  constructor(state: { readonly storage: ObjectStorage }) {
    this.#storage = state.storage;
  }

  /** Answers `GET` with the text and the time, and `PUT` with whether the text was replaced. */
  async fetch(request: Request): Promise<Response> {
    if (request.method !== "PUT") return Response.json({ now: Date.now(), text: (await this.#entry())?.text });
    const { before, text, ttl } = Object(await request.json().catch(() => undefined)) as Partial<Change>;
    const isText = typeof text === "string" && ["string", "undefined"].includes(typeof before);
    // Hint: without a finite ttl the text would never lapse.
    if (!isText || !Number.isFinite(ttl)) return new Response(undefined, { status: 400 });
    // Hint: the runtime delivers no other request between this read and the write.
    const swapped = (await this.#entry())?.text === before;
    if (swapped) {
      const end = Date.now() + ttl!;
      await Promise.all([this.#storage.put(KEY, { text, end }), this.#storage.setAlarm(end)]);
    }
    return Response.json({ swapped });
  }

  /** Removes the text if it has lapsed; called by the runtime. */
  async alarm(): Promise<void> {
    const entry = await this.#entry();
    await (entry ? this.#storage.setAlarm(entry.end) : this.#storage.deleteAll());
  }

  async #entry(): Promise<Entry | undefined> {
    const entry = await this.#storage.get(KEY) as Entry | undefined;
    return entry && Date.now() < entry.end ? entry : undefined;
  }
}

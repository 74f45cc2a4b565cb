import { defineStore, httpRefusal, token } from "../../../mod.ts";

/** A stand-in for a service that leases tokens to who has logged in, on a real socket. */
export class LeaseDesk implements AsyncDisposable {
  /** The leases that it has issued and not ended. */
  readonly leases = new Set<string>();
  readonly #logins = new Set<string>();
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (!this.#logins.has(request.headers.get("x-login") ?? "")) return new Response(null, { status: 403 });
    const id = new URL(request.url).pathname.slice("/app/".length);
    if (request.method === "DELETE") return new Response(null, { status: this.leases.delete(id) ? 204 : 404 });
    const lease = crypto.randomUUID();
    this.leases.add(lease);
    return Response.json({ lease, expiresIn: 3_600 });
  });

  /** Its origin. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Returns what logs in to it. */
  newToken(): Promise<string> {
    const login = crypto.randomUUID();
    this.#logins.add(login);
    return Promise.resolve(login);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

/** The store of its leases, which ends them when it is closed. */
export const lease = defineStore({
  kind: "lease",
  shape: token,
  options: ["url"],
  request: ["role"],
  needs: ["login"],
  binds: ["login"],
  open: ({ url }: { url: string }, { fetch }) => {
    const held = new Map<string, string>();
    let isClosed = false;
    const send = (method: string, path: string, login: string, signal: AbortSignal) =>
      fetch(`${url}/${path}`, { method, signal, headers: { "x-login": login } });
    const end = async (id: string, login: string, signal: AbortSignal) => {
      held.delete(id);
      await send("DELETE", `app/${id}`, login, signal);
    };
    return {
      look: async ({ role }: { readonly role?: string }, { need, signal }) => {
        const login = String((await need("login")).get("token"));
        const answer = await send("POST", String(role), login, signal);
        if (!answer.ok) return httpRefusal(answer);
        const { lease, expiresIn } = await answer.json();
        held.set(lease, login);
        if (isClosed) await end(lease, login, signal);
        return { values: { id: lease, token: lease }, expiresIn };
      },
      close: async ({ signal }) => {
        isClosed = true;
        await Promise.all([...held].map(([id, login]) => end(id, login, signal)));
      },
    };
  },
});

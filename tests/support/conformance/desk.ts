import {
  answer,
  type CloseContext,
  type Context,
  defineStore,
  document,
  httpRefusal,
  type Opened,
  type Permissions,
  type Refusal,
  type StoreOptions,
  type Surroundings,
  type Token,
  token,
  type TokenContext,
  variables,
} from "../../../mod.ts";
import type { StoreHarness } from "../../../src/testing/mod.ts";

export type Desk = ReturnType<typeof openDesk>;

/** A stand-in for a service that keeps values with versions, and issues them as leases. */
export function openDesk() {
  const values: Record<string, string> = {};
  const leases = new Set<string>();
  const state = { version: 1, status: 200, disconnected: false, stalled: false };
  const put = (some: object = {}) => {
    for (const name of Object.keys(values)) delete values[name];
    Object.assign(values, some);
    state.version++;
  };
  const fetch: typeof globalThis.fetch = (input, { method = "GET", signal } = {}) => {
    const { pathname, searchParams } = new URL(String(input));
    if (state.disconnected) return Promise.reject(new TypeError("no connection"));
    if (state.stalled) {
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    }
    if (state.status !== 200) return Promise.resolve(new Response(null, { status: state.status }));
    const id = pathname.slice("/leases/".length);
    if (method === "DELETE") leases.delete(id);
    if (method === "POST" && Object.keys(values).length > 0) {
      const lease = crypto.randomUUID();
      leases.add(lease);
      return Promise.resolve(Response.json({ lease, values }));
    }
    const names = method === "GET" ? searchParams.getAll("name") : [];
    const chosen = names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, values[name]]);
    return Promise.resolve(Response.json({ values: Object.fromEntries(chosen), version: state.version }));
  };
  return { values, leases, state, put, fetch };
}

type Variables = Opened<"variables">;

/** Creates a harness of a store of the desk's variables that reads all at once, with a flaw or without. */
export function variablesHarness(
  flaw: (correct: Required<Pick<Variables, "look" | "read">>, surroundings: Surroundings) => object = () => ({}),
  permissions?: () => Permissions,
): StoreHarness {
  const desk = openDesk();
  const store = defineStore({
    kind: "desk",
    shape: variables,
    ...(permissions && { permissions }),
    open: (_: object, surroundings) => {
      const read = async (names: readonly string[], { signal }: Context) => {
        const query = names.map((name) => `name=${name}`).join("&");
        const response = await surroundings.fetch(`https://desk.example/?${query}`, { signal });
        if (!response.ok) return httpRefusal(response);
        const { values, version } = await response.json();
        return Object.fromEntries(
          names.map((
            name,
          ) => [name, answer<string>(Object.hasOwn(values, name) ? values[name] : undefined, { version })]),
        );
      };
      const look = async (name: string, context: Context) => {
        const found: Refusal | Record<string, unknown> = await read([name], context);
        return (Object.hasOwn(found, "outcome") ? found : (found as Record<string, unknown>)[name]) as never;
      };
      const correct = { look, read: read as never };
      return { ...correct, ...flaw(correct, surroundings) };
    },
  });
  return harnessOf(desk, store, { prefix: "" });
}

/** What a flaw of a store of leases replaces. */
export interface LeaseFlaw {
  readonly look?: (request: unknown, context: TokenContext<"login" | "client?">) => unknown;
  readonly close?: (context: CloseContext<"login" | "client?">) => unknown;
}

/** The correct store of leases, and what it works with. */
export interface LeaseStore extends Required<LeaseFlaw> {
  readonly desk: Desk;
  readonly fetch: typeof fetch;
}

/** Creates a harness of a store that leases the desk's values with a login and an optional client, with a flaw or without. */
export function leaseHarness(flaw: (correct: LeaseStore) => LeaseFlaw = () => ({})): StoreHarness {
  const desk = openDesk();
  const store = defineStore({
    kind: "leases",
    shape: token,
    needs: ["login", "client?"],
    binds: ["login"],
    open: (_: object, { fetch }) => {
      const held = new Set<string>();
      let closed = false;
      const end = async (lease: string, signal: AbortSignal) => {
        held.delete(lease);
        await fetch(`https://desk.example/leases/${lease}`, { method: "DELETE", signal });
      };
      const look = async (
        _: unknown,
        { need, signal }: TokenContext<"login" | "client?">,
      ): Promise<Token | Refusal | undefined> => {
        await need("login");
        await need("client");
        const response = await fetch("https://desk.example/leases", { method: "POST", signal });
        if (!response.ok) return httpRefusal(response);
        const { lease, values } = await response.json();
        if (Object.keys(values).length === 0) return undefined;
        held.add(lease);
        if (closed) await end(lease, signal);
        return { values, expiresIn: 3_600 };
      };
      const close = async ({ signal }: Pick<CloseContext, "signal">) => {
        closed = true;
        await Promise.all([...held].map((lease) => end(lease, signal)));
      };
      const correct: LeaseStore = { desk, fetch, look: look as never, close };
      return { look, close, ...flaw(correct) } as Opened<"token", object, "login" | "client?">;
    },
  });
  const needing = (options: StoreOptions) => store({ ...options, login: "desk:login", client: "desk:client" } as never);
  return {
    ...harnessOf(desk, needing, true),
    needs: {
      "desk:login": () => ({ token: crypto.randomUUID() }),
      "desk:client": () => ({ id: "conformance" }),
    },
    leases: () => desk.leases.size,
  };
}

/** Creates a harness of a store of a document that it can give as plain text, with a flaw or without. */
export function textHarness(
  give: (stored: string | undefined, text: boolean) => unknown = (stored, text) =>
    text || stored === undefined ? stored : JSON.parse(stored),
): StoreHarness {
  let stored: string | undefined;
  const store = defineStore({
    kind: "texts",
    shape: document,
    text: true,
    open: () => (_, { text }) => give(stored, text),
  });
  return {
    store,
    from: "kit.json",
    put: (values) => void (stored = JSON.stringify(values)),
    remove: () => void (stored = undefined),
  };
}

/** Says whether a change may be written. */
export type MayWrite = (
  now: { value: unknown; version: number },
  before: { value: unknown; version?: unknown },
) => unknown;

/** Creates a harness of a store of a document that is written, with versions or without. */
export function writtenHarness(mayWrite: MayWrite, versioned = true): StoreHarness {
  const desk = openDesk();
  let stored: object | undefined;
  const store = defineStore({
    kind: "written",
    shape: document,
    open: () => () => answer(stored && { ...stored }, versioned ? { version: desk.state.version } : {}),
    write: () => ({ before, after }) => {
      const may = mayWrite({ value: stored, version: desk.state.version }, before);
      if (may !== true) return may as boolean | Refusal;
      stored = { ...after };
      desk.state.version++;
    },
  });
  return {
    store,
    from: "kit.json",
    put: (values) => {
      stored = { ...values };
      desk.state.version++;
    },
    remove: () => {
      stored = undefined;
      desk.state.version++;
    },
  };
}

/** Writes if the version is the one that was read. */
export const byVersion: MayWrite = (now, before) => before.version === now.version;

/** Writes if the value is the one that was read. */
export const byValue: MayWrite = (now, before) => JSON.stringify(now.value) === JSON.stringify(before.value);

function harnessOf(desk: Desk, store: StoreHarness["store"], from: unknown): StoreHarness {
  return {
    store,
    from,
    host: { fetch: desk.fetch, env: {} },
    put: (values) => desk.put(values),
    remove: () => desk.put(),
    deny: () => void (desk.state.status = 403),
    break: () => void (desk.state.status = 418),
    disconnect: () => void (desk.state.disconnected = true),
    stall: () => void (desk.state.stalled = true),
  };
}

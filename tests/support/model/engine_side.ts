import {
  answer,
  type Context,
  createResolver,
  defineStore,
  denied,
  document,
  invalid,
  type Refusal,
  type Resolver,
  type StandardSchema,
  type Store,
  token,
  type TokenContext,
  unavailable,
  variables,
} from "../../../mod.ts";
import { flag, type LogEvent } from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import type { CredentialDecl, Declaration, FieldDecl, MappingDecl, StoreDecl } from "./declaration.ts";
import { Timers } from "./timers.ts";
import { type Said, Side, type World } from "./world.ts";

/** The variable that forbids defaults. */
const FORBID = "FORBID_DEFAULTS";

/** The engine on a world, driven only through its public names. */
export class EngineSide {
  readonly resolver: Resolver;
  readonly timers: Timers;
  readonly side: Side;
  readonly events: LogEvent[] = [];
  readonly #world: World;

  constructor(decl: Declaration, world: World, start: number) {
    this.#world = world;
    this.side = new Side(world);
    this.timers = new Timers(start);
    const env = (name: string) => name === FORBID ? world.forbid : flagOf(decl, name);
    const host = {
      ...testHost({ random: () => decl.random }),
      env,
      clock: this.timers,
      log: (event: LogEvent) => void this.events.push(event),
    };
    this.resolver = createResolver(this.#chainOf(decl) as never, host) as unknown as Resolver;
  }

  /** Lets everything happen for which no time need pass. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets some milliseconds pass. */
  async advance(ms: number): Promise<void> {
    await this.settle();
    const end = this.timers.now() + ms;
    for (let run = this.timers.next(end); run; run = this.timers.next(end)) {
      run();
      await this.settle();
    }
  }

  /** Builds a store whose answers the world decides. */
  storeOf(decl: StoreDecl): Store {
    const { name: _, shape, flag: text, need, binds, renewsAlone: _alone, readsFiles, ...options } = decl;
    const shapes = { variables, document, token };
    const kind = defineStore<never, object, "credential">({
      kind: "modelled",
      shape: shapes[shape] as never,
      needs: need ? ["credential"] : [],
      binds: (need && binds ? ["credential"] : []) as never[],
      readsFiles: readsFiles ?? false,
      open: () => ((what: unknown, context: TokenContext<"credential">) => this.#look(decl, what, context)) as never,
    });
    const enabled = text === undefined ? {} : { enabled: flag(decl.name) };
    return kind({ ...options, ...enabled, ...(need && { credential: need }) } as never) as Store;
  }

  mappingOf(store: StoreDecl, { names, document, resource, with: extras }: MappingDecl): object {
    if (store.shape === "token") {
      const fields = Object.fromEntries(Object.entries(names).map(([field, [member]]) => [field, member]));
      return { resource, fields, ...(extras && { with: extras }) };
    }
    return { fields: names, ...(document && { document }) };
  }

  #chainOf({ stores, credentials, defaults }: Declaration): object {
    const byName = new Map(stores.map((store) => [store.name, store]));
    return {
      stores: Object.fromEntries(stores.map((store) => [store.name, this.storeOf(store)])),
      credentials: Object.fromEntries(credentials.map((each) => [each.key, this.#credentialOf(each, byName)])),
      defaults: defaults === "flag" ? { forbidWhen: flag(FORBID) } : defaults,
    };
  }

  #credentialOf({ fields, anyOf, from }: CredentialDecl, stores: ReadonlyMap<string, StoreDecl>): object {
    return {
      fields: Object.fromEntries(fields.map((field) => [field.name, fieldOf(field)])),
      ...(anyOf.length > 0 && { anyOf }),
      from: Object.fromEntries(
        Object.entries(from).map(([name, mapping]) => [name, this.mappingOf(stores.get(name)!, mapping)]),
      ),
    };
  }

  #look(store: StoreDecl, what: unknown, context: TokenContext<"credential">): unknown {
    const name = store.shape === "token" ? (what as { resource: string }).resource : String(what);
    const { reason, previous } = context;
    this.side.record(store.name, name, store.shape === "token" ? `${reason} ${previous?.values.t_u}` : "");
    const say = (needed?: string) => {
      const said = this.side.say(store.name, name, store.shape, this.timers.now(), needed);
      const latency = this.side.latencyOf(store.name);
      if (latency === 0) return answerOf(said);
      return new Promise((resolve, reject) => {
        const land = () => {
          try {
            resolve(answerOf(said));
          } catch (error) {
            reject(error);
          }
        };
        if (latency < Infinity) this.timers.after(latency, land);
      });
    };
    const isAlone = store.renewsAlone && reason === "due";
    if (!store.need) return say();
    return isAlone ? Promise.resolve().then(() => say()) : neededBy(context).then(say);
  }
}

async function neededBy(context: Context<"credential">): Promise<string> {
  const credential = await context.need("credential");
  const valueOf = (name: string) => credential.fields.includes(name) ? credential.get(name) : "";
  return `${valueOf("u")}/${valueOf("p")}`;
}

function answerOf(said: Said): unknown {
  if (said.outcome === "nothing") return undefined;
  if (said.outcome === "value") {
    return said.expiresAt === undefined ? said.value : answer(said.value, { expiresAt: said.expiresAt });
  }
  if (said.thrown) throw new Error("a bug in the store");
  const { outcome, detail, thrown: _, ...options } = said;
  const refuse: Record<string, (detail: string, options: object) => Refusal> = { denied, invalid, unavailable };
  return refuse[outcome]!(detail, options);
}

const beginsWithV: StandardSchema<string, string> = {
  "~standard": {
    version: 1,
    vendor: "model",
    validate: (value) =>
      String(value).startsWith("v") ? { value: `${value}!` } : { issues: [{ message: "not the right kind" }] },
  },
};

function fieldOf({ presence, checked, default: own, from }: FieldDecl): object {
  return {
    presence,
    ...(checked && { schema: beginsWithV }),
    ...(own !== undefined && { default: own }),
    ...(presence === "destination" && { from }),
  };
}

function flagOf({ stores, extra }: Declaration, name: string): string | undefined {
  return [...stores, extra.store].find((store) => store.name === name)?.flag;
}

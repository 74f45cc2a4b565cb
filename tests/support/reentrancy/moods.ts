import { denied, invalid, type Refusal, type Store, token, unavailable, variables } from "../../../mod.ts";
import { scriptedStore, type TestClock } from "../../../src/testing/mod.ts";

/** How a store answers. */
export type Mood =
  | "well"
  | "rotating"
  | "down"
  | "denying"
  | "refusing a need"
  | "invalid"
  | "empty"
  | "throwing"
  | "hung";

/** What a store's answers depend on, and what is known of its look-ups. */
export interface MoodyStores {
  readonly moods: Map<string, Mood>;
  /** Whether a look-up is on the stack. */
  asking: number;
  /** The look-ups that have neither answered nor been given up. */
  readonly pending: Set<object>;
  /** When a look-up last hung that was not given up, or `Infinity` while one does. */
  hungUntil: number;
  /** How many look-ups there were. */
  lookUps: number;
  /** What a look-up does with the resolver before it answers. */
  onLookUp: () => void;
}

/** What a look-up may use of its context. */
interface ContextLike {
  readonly signal: AbortSignal;
  readonly need: (name: never) => Promise<{ get(name: string): unknown }>;
}

/** Creates a store whose options are not known to its type. */
type Factory = (options: object) => Store;

/** The longest that a slow answer takes, in milliseconds. */
const SLOW_MS = 300;

/** Creates stores whose moods change. A look-up gives the name of its store and the version of its value. */
export function moodyStores(clock: TestClock, random: () => number) {
  const state: MoodyStores = {
    moods: new Map(),
    asking: 0,
    pending: new Set(),
    hungUntil: 0,
    lookUps: 0,
    onLookUp: () => {},
  };
  const versions = new Map<string, number>();
  const hung = new Set<object>();

  /** Runs a look-up, and notes for how long it is in progress. */
  const watched = <T>(name: string, signal: () => AbortSignal, look: (hang: () => void) => T): T => {
    const lookUp = { name };
    const end = () => {
      state.pending.delete(lookUp);
      if (hung.delete(lookUp) && hung.size === 0) state.hungUntil = clock.now();
    };
    state.lookUps++;
    state.onLookUp();
    state.asking++;
    state.pending.add(lookUp);
    try {
      const answer = look(() => {
        hung.add(lookUp);
        state.hungUntil = Infinity;
      });
      if (answer instanceof Promise) {
        signal().addEventListener("abort", end);
        answer.then(end, end);
      } else end();
      return answer;
    } catch (error) {
      end();
      throw error;
    } finally {
      state.asking--;
    }
  };

  const rotate = (name: string) => {
    versions.set(name, (versions.get(name) ?? 0) + 1);
  };

  /** What a store says in its mood; `undefined` if it gives a value. */
  const refusal = (
    name: string,
    needs: readonly string[],
    hang: () => void,
  ): Refusal | Promise<never> | "empty" | undefined => {
    switch (state.moods.get(name)) {
      case "down":
        return unavailable("down", random() < 0.2 ? { retryAfter: 2_000 } : {});
      case "denying":
        return denied("refused");
      case "refusing a need":
        return needs[0] ? denied("refused", { need: needs[0] }) : undefined;
      case "invalid":
        return invalid("broken");
      case "empty":
        return "empty";
      case "throwing":
        throw new Error("its own");
      case "hung":
        hang();
        return new Promise(() => {});
      case "rotating":
        rotate(name);
    }
  };

  const pause = async () => {
    const ms = Math.floor(random() * SLOW_MS);
    if (random() < 0.5) await new Promise<void>((resolve) => void clock.after(ms, resolve));
  };

  /** A store of variables, which answers synchronously, later, or after a while. */
  const statics = (name: string, way: number, needs: readonly string[], recheck: number): Factory =>
    scriptedStore<"variables", string>({
      shape: variables,
      needs,
      recheck,
      answer: (_, context) =>
        watched(name, () => context.signal, (hang) => {
          const value = () => {
            const refused = refusal(name, needs, hang);
            return refused === "empty" ? undefined : refused ?? `${name} ${versions.get(name) ?? 0}`;
          };
          if (way === 0 && needs.length === 0) return value();
          const later = async () => {
            const values = await needed(context as ContextLike, needs);
            if (way === 2) await pause();
            const own = await value();
            return typeof own === "string" ? `${own} of ${values}` : own;
          };
          return later();
        }),
    }).store as unknown as Factory;

  /** A store of tokens. */
  const tokens = (name: string, way: number, needs: readonly string[]): Factory =>
    scriptedStore<"token", string>({
      shape: token,
      needs,
      answer: (_, context) =>
        watched(name, () => context.signal, async (hang) => {
          const values = await needed(context as ContextLike, needs);
          if (way === 2) await pause();
          const refused = await refusal(name, needs, hang);
          if (refused === "empty") return undefined;
          if (refused) return refused;
          rotate(name);
          const user = `${name} ${versions.get(name)} of ${values}`;
          return { values: { user }, expiresIn: 5 + Math.floor(random() * 200) };
        }),
    }).store as unknown as Factory;
  return { state, rotate, statics, tokens };
}

async function needed({ need }: ContextLike, needs: readonly string[]): Promise<string> {
  const values: string[] = [];
  for (const name of needs) values.push(String((await need(name as never)).get("user")));
  return values.join(" and ");
}

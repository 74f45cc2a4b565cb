import { denied } from "../../../mod.ts";
import { defineEngine, type Share } from "../../../src/share/mod.ts";

/** An engine in memory, which stands in for a server that all resolvers of a test share. */
export interface FailingEngine {
  /** How it answers: as it should, with a failure, never, with a refusal, or with something else. */
  state: "on" | "away" | "hung" | "refused" | "misunderstood";
  /** How many connections are open. */
  connections: number;
  /** How often it was asked. */
  asked: number;
  readonly entries: Map<string, string>;
  /** Creates the option `share` of a store; the seal is `fleet:seal`. */
  share(options?: { readonly principal?: string }): Share<"fleet:seal">;
  /** Creates it with a credential, `fleet:engine`. */
  shareWithLogin(): Share<"fleet:seal" | "fleet:engine">;
}

/** Creates an engine in memory; `now` is its clock. */
export function failingEngine(now: () => number): FailingEngine {
  const entries = new Map<string, string>();
  const answer = <T>(value: () => T): Promise<T> => {
    engine.asked++;
    if (engine.state === "away") return Promise.reject(new Error("ECONNREFUSED fake-address"));
    if (engine.state === "hung") return new Promise(() => {});
    if (engine.state === "refused") return Promise.reject(denied("no"));
    if (engine.state === "misunderstood") return Promise.resolve("fake-answer" as T);
    return Promise.resolve(value());
  };
  const kind = defineEngine({
    kind: "memory",
    open: () => {
      engine.connections++;
      return {
        get: (name) =>
          answer(() => {
            const text = entries.get(name);
            return { now: now(), text, version: text };
          }),
        swap: (name, before, text) =>
          answer(() => {
            if (entries.get(name) !== before) return undefined;
            entries.set(name, text);
            return text;
          }),
        close: () => void engine.connections--,
      };
    },
  });
  const engine: FailingEngine = {
    ...{ state: "on", connections: 0, asked: 0, entries },
    share: (options) => kind({ seal: "fleet:seal", ...options }),
    shareWithLogin: () => kind({ seal: "fleet:seal", credential: "fleet:engine" }),
  };
  return engine;
}

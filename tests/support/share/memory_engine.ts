import type { OpenRegister } from "../../../src/core/chain/share.ts";

/** How an engine in memory differs from one that is right. */
export interface MemoryEngineOptions {
  readonly clock?: () => number;
  readonly latencyMs?: number;
  /** Whether a text or its absence is the expected one; exactly the same unless set. */
  readonly compares?: (held: string | undefined, before: string | undefined) => boolean;
  readonly pausesBeforeWrite?: boolean;
  readonly throwsWhenLost?: boolean;
  readonly ttl?: (ms: number) => number;
  readonly keepsFirstTtl?: boolean;
  /** How long after a swap `get` still gives what was there before, in milliseconds. */
  readonly lagMs?: number;
  /** A version is the text itself unless set: a number that begins at 1 again, or something that `get` does not give. */
  readonly versions?: "counted" | "of swap alone";
  readonly nameOf?: (name: string) => string;
  readonly textOf?: (text: string) => string;
  /** Whether each connection has texts of its own. */
  readonly isolated?: boolean;
}

interface Held {
  readonly text: string;
  readonly count: number;
  readonly end: number;
  readonly since: number;
  readonly before: Held | undefined;
}

/** Creates an engine in memory; returns what opens a connection to it. */
export function memoryEngine(options: MemoryEngineOptions = {}): () => OpenRegister {
  const shared = new Map<string, Held>();
  return () => register(options.isolated ? new Map() : shared, options);
}

function register(texts: Map<string, Held>, options: MemoryEngineOptions): OpenRegister {
  const { clock = Date.now, latencyMs = 0, lagMs = 0, ttl = (ms) => ms, nameOf = String, textOf = String, versions } =
    options;
  const { compares = (held, before) => held === before } = options;
  const find = (name: string): Held | undefined => {
    const held = texts.get(nameOf(name));
    return held && Date.now() < held.end ? held : undefined;
  };
  const versionOf = (held: Held): string => versions === "counted" ? `${held.count}` : held.text;
  const answered = () => latencyMs ? new Promise((resolve) => setTimeout(resolve, latencyMs)) : Promise.resolve();
  const lost = (): undefined => {
    if (options.throwsWhenLost) throw new Error("lost");
  };
  return {
    get: async (name) => {
      await answered();
      const newest = find(name);
      const held = newest && Date.now() < newest.since + lagMs ? newest.before : newest;
      return held ? { now: clock(), text: held.text, version: versionOf(held) } : { now: clock() };
    },
    swap: async (name, before, text, ms) => {
      await answered();
      const held = find(name);
      if (!compares(held && versionOf(held), before as string | undefined)) return lost();
      if (options.pausesBeforeWrite) await new Promise((resolve) => setTimeout(resolve, 1));
      const since = Date.now();
      const end = options.keepsFirstTtl && held ? held.end : since + ttl(ms);
      const put = { text: textOf(text), count: (held?.count ?? 0) + 1, since, end, before: held };
      texts.set(nameOf(name), put);
      return versions === "of swap alone" ? `version of ${text}` : versionOf(put);
    },
  };
}

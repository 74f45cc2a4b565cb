import { type Clock, createResolver, type Credential } from "../../../mod.ts";
import type { Answers, Asking, Breaking, MachineState } from "./machine.ts";
import { machineChain, type MachineSettings } from "./machine_chain.ts";

const KEY = "polaris:rest";
/** Longer than any wait of a scene, so that only the rules of sharing end one. */
const BUDGET_MS = 60_000;

/** What one machine of a fleet does on command. */
export class ServedMachine {
  readonly #resolver;
  readonly #ahead: number;
  #held: Credential | undefined;
  #asked = 0;

  constructor(settings: MachineSettings) {
    const { tokenEndpoint, ahead = 0 } = settings;
    this.#ahead = ahead;
    const send: typeof fetch = (input, init) => {
      if (String(input instanceof Request ? input.url : input) === tokenEndpoint) this.#asked++;
      return fetch(input, init);
    };
    this.#resolver = createResolver(machineChain(settings), { clock: clockAhead(ahead), fetch: send });
  }

  async resolve({ callers, refused = false }: Asking): Promise<Answers> {
    const started = performance.now();
    const counts = { tokens: new Tally(), how: new Tally(), failures: new Tally(), degraded: 0, ms: 0 };
    const distinct = new Map<Credential, number>();
    const before = this.#held;
    await Promise.all(Array.from({ length: callers }, async () => {
      if (refused && before) this.#resolver.invalidate(before);
      try {
        const credential = await this.#resolver.resolve(KEY, { budget: BUDGET_MS }) as Credential;
        distinct.set(credential, (distinct.get(credential) ?? 0) + 1);
        this.#held = credential;
      } catch (error) {
        counts.failures.add(`${(error as { code?: string }).code}: ${(error as Error).message}`);
      }
      counts.ms = Math.max(counts.ms, Math.round(performance.now() - started));
    }));
    for (const [credential, count] of distinct) {
      counts.tokens.add(await digestOf(credential), count);
      counts.how.add(howOf(credential), count);
      if (credential.degraded) counts.degraded += count;
    }
    const { tokens, how, failures, ...rest } = counts;
    const ends = [...distinct.keys()].map(({ expiresAt }) => expiresAt! - this.#ahead);
    const end = ends.length > 0 ? Math.min(...ends) : null;
    return { ...rest, tokens: tokens.record, how: how.record, failures: failures.record, end };
  }

  /** Reports every token as refused, again and again; returns how many different ones it was given. */
  async refuse({ ms, every }: Breaking): Promise<Answers> {
    const end = performance.now() + ms;
    const tokens = new Tally();
    let last = await this.resolve({ callers: 1 });
    while (performance.now() < end) {
      last = await this.resolve({ callers: 1, refused: true });
      for (const token of Object.keys(last.tokens)) tokens.add(token);
      await new Promise((resolve) => setTimeout(resolve, every));
    }
    return { ...last, tokens: tokens.record };
  }

  state(): MachineState {
    const { share } = this.#resolver.describe().stores.find(({ name }) => name === "m2m") as Pick<
      MachineState,
      "share"
    >;
    return { asked: this.#asked, share };
  }

  async close(): Promise<void> {
    await this.#resolver[Symbol.asyncDispose]();
  }
}

class Tally {
  readonly record: Record<string, number> = {};

  add(name: string, count = 1): void {
    this.record[name] = (this.record[name] ?? 0) + count;
  }
}

function clockAhead(ahead: number): Clock {
  return {
    now: () => Date.now() + ahead,
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

async function digestOf(credential: Credential): Promise<string> {
  const bytes = new TextEncoder().encode(String(credential.get("token")));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 12);
}

function howOf({ source, trace }: Credential): string {
  const step = trace.find(({ store }) => store === source) as { readonly shared?: string } | undefined;
  return step?.shared ?? "not shared";
}

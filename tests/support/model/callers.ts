import type { CredentialErrorCode } from "../../../mod.ts";
import { isIdentity } from "./declaration.ts";
import { hasSameValues, type Hold, isEqual, isRecent, type ModelCredential, type Result } from "./hold.ts";
import type { Model } from "./model.ts";
import type { Supplied, Walked } from "./walk.ts";

/** What a caller got. */
export type Settled =
  | { readonly credential: ModelCredential | undefined }
  | { readonly error: CredentialErrorCode; readonly walked?: Walked }
  | { readonly aborted: true };

/** How a caller asks. */
export interface CallerOptions {
  readonly default?: Readonly<Record<string, string>> | undefined;
  readonly budget?: number | undefined;
  /** Whether it gets nothing if no store has it. */
  readonly find?: boolean;
}

/** A caller, who may still be waiting. */
export interface Caller {
  settled?: Settled;
}

/** How many different defaults of one credential are remembered. */
const MAX_DEFAULTS = 16;

/** The callers of the model, and the credentials of their defaults. */
export class Callers {
  readonly #model: Model;
  readonly #forbids: () => boolean;
  /** How many walks are in progress that callers caused, by key. */
  readonly #walking = new Map<string, number>();
  readonly #defaults = new Map<string, readonly ModelCredential[]>();

  constructor(model: Model, forbidsDefaults: () => boolean) {
    this.#model = model;
    this.#forbids = forbidsDefaults;
  }

  /** The keys for which walks are in progress that callers caused. */
  get walking(): readonly string[] {
    return [...this.#walking].filter(([, count]) => count > 0).map(([key]) => key);
  }

  #count(key: string, change: number): void {
    this.#walking.set(key, (this.#walking.get(key) ?? 0) + change);
  }

  /** Asks for a credential. */
  ask(key: string, options: CallerOptions = {}): Caller {
    const caller: Caller = {};
    const { tasks, holds, now } = this.#model;
    const hold = holds.get(key)!;
    const recent = options.default && hold.failed && isRecent(now, hold) ? hold.failed : undefined;
    if (recent && !this.#model.isFresh(hold)) {
      caller.settled = this.#settle(hold, { failed: recent }, options);
      return caller;
    }
    const call = this.#model.newCall();
    this.#count(key, 1);
    const flight = tasks.start(this.#model.get(call, hold));
    const land = () => {
      this.#count(key, -1);
      call.tell();
      caller.settled ??= this.#settle(hold, flight.landed!.value, options);
    };
    if (flight.landed) {
      land();
    } else {
      flight.waiting.push(land);
      tasks.timers.after(options.budget ?? 10_000, () => void (caller.settled ??= this.#atTheEnd(hold)));
    }
    return caller;
  }

  /** What a caller gets at the end of its budget: a token that is still valid, whatever else is away. */
  #atTheEnd({ decl: { key }, invalidated, until, found }: Hold): Settled {
    const isValid = !invalidated && until !== 0 && found?.generation?.invalidated === false;
    const credential = isValid ? this.peek(key) : undefined;
    return credential ? { credential } : { error: "unavailable" };
  }

  /** The held credential, without asking; never an expired one. */
  peek(key: string): ModelCredential | undefined {
    const { held } = this.#model.holds.get(key)!;
    return held && this.#model.now < held.expiresAt ? held : undefined;
  }

  /** Invalidates by a credential: only if it is the one that is held, or a default while nothing is. */
  invalidate(credential: ModelCredential): void {
    const hold = this.#model.holds.get(credential.key)!;
    const isDefault = credential.source === "default" && hold.failed && isRecent(this.#model.now, hold);
    if (hold.latest === credential || isDefault) this.#model.invalidate(hold);
  }

  #settle(hold: Hold, result: Result, options: CallerOptions): Settled {
    if ("credential" in result) return result;
    const walked = result.failed;
    const error = walked.code!;
    if (options.find && error === "not_found") return { credential: undefined };
    if (!options.default || !walked.defaultable) return { error, walked };
    if (this.#forbids()) return { error: error === "not_found" ? "default_forbidden" : error, walked };
    return { credential: this.#default(hold, options.default, walked) };
  }

  #default(hold: Hold, given: Readonly<Record<string, string>>, walked: Walked): ModelCredential {
    const { decl } = hold;
    const values: Record<string, Supplied> = {};
    for (const field of decl.fields) {
      const { name } = field;
      const own = given[name] ?? (isIdentity(field) || walked.supplied[name] ? undefined : field.default);
      const supplied = own === undefined ? undefined : { value: own, raw: own, source: "default" };
      const found = supplied ?? (isIdentity(field) ? undefined : walked.supplied[name]);
      if (found) values[name] = found;
    }
    const { degraded, steps } = walked;
    const assembled = { key: decl.key, source: "default", values, degraded, expiresAt: Infinity, steps, generation: 0 };
    const known = this.#defaults.get(decl.key) ?? [];
    const same = known.find((each) => isEqual(each, assembled));
    if (same) return same;
    const { generation } = known.find((each) => hasSameValues(each, assembled)) ?? { generation: ++hold.generations };
    const credential = { ...assembled, generation };
    this.#defaults.set(decl.key, [credential, ...known].slice(0, MAX_DEFAULTS));
    return credential;
  }
}

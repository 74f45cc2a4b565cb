import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";
import type { CredentialDecl, StoreDecl } from "./declaration.ts";
import { readToken } from "./reading.ts";
import { obtain, type Obtained, type TokenState } from "./renewal.ts";
import { Silences } from "./silences.ts";
import { askStatic, type Question, type StaticMemory } from "./static_answers.ts";
import type { Task } from "./tasks.ts";

/** What is known of a store that is in use. */
export interface StoreState {
  /** By what is requested. */
  readonly tokens: Map<string, TokenState>;
  readonly silences: Silences;
}

/** Creates a store of which nothing is known. */
export function emptyStore(): StoreState {
  return { tokens: new Map(), silences: new Silences() };
}

/** What a walk asks of a store. */
export interface WalkQuestion extends Omit<Question, "memory" | "silences"> {
  /** What is remembered of the credential, by store. */
  readonly memories: Map<string, StaticMemory>;
}

/** Asks one store for one credential. */
export function* askStore(call: Call, question: WalkQuestion, { tokens, silences }: StoreState): Task<Answer> {
  const { store, credential, memories } = question;
  if (store.flag === "perhaps") return { reading: { outcome: "invalid", detail: "is not a flag" }, until: Infinity };
  if (store.flag === "no") return { reading: { outcome: "off" }, until: Infinity };
  if (store.shape !== "token") {
    const memory = memories.get(store.name) ?? { seen: {} };
    memories.set(store.name, memory);
    return yield* askStatic(call, { ...question, memory, silences });
  }
  const resource = credential.from[store.name]!.resource!;
  const state = tokens.get(resource) ?? { denials: 0, failures: 0, pauses: 0 };
  tokens.set(resource, state);
  const obtained = yield* obtain(call, { store, resource, state });
  return answerOf(call.tasks.timers.now(), credential, store, obtained);
}

/** The answer that a token is for one credential; what has expired is only a last resort. */
function answerOf(now: number, credential: CredentialDecl, store: StoreDecl, obtained: Obtained): Answer {
  const { generation, refusal, until, needs } = obtained;
  if (!generation) return { reading: refusal ?? { outcome: "miss" }, until, needs };
  const reading = readToken(credential.from[store.name]!, generation.values);
  const { expiresAt } = generation;
  const answer = { generation, until, expiresAt, needs: needs ?? generation.needs };
  if (now < expiresAt) return { ...answer, reading, staleBecause: refusal };
  const detail = refusal?.detail ?? "the token was not renewed";
  // Hint: a lifetime that was assumed or cut is not an expiry, so what is written for one does not count.
  const expiredPolicy = store.onExpired && (generation.isStated ? store.onExpired : "serve");
  const isServed = reading.outcome === "found" && (expiredPolicy ?? "serve") === "serve";
  return {
    ...answer,
    reading: { outcome: "unavailable", detail },
    expired: isServed ? reading : undefined,
    expiredPolicy,
  };
}

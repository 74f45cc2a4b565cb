import type { Answer, Need } from "./answer.ts";
import type { Call } from "./call.ts";
import { type CredentialDecl, type Declaration, isIdentity, preferredName, type StoreDecl } from "./declaration.ts";
import { ask, type Attempt, type Inward, lookUp, type LookUpMemory } from "./look_up.ts";
import { type Found, isPresent, isRefusal, readDocument, type Reading, type Refusal } from "./reading.ts";
import type { Late, Silences } from "./silences.ts";
import type { Task } from "./tasks.ts";
import { pauseOf } from "./windows.ts";
import type { Said } from "./world.ts";

/** What a store gave in the last walk, and until when it may be used. */
export interface Previous {
  readonly reading: Found;
  readonly expiresAt: number;
}

/** What is asked of a store. */
export interface Question {
  readonly decl: Declaration;
  readonly credential: CredentialDecl;
  readonly store: StoreDecl;
  readonly wanted: readonly string[];
  readonly memory: StaticMemory;
  readonly silences: Silences;
  /** What the store gave in the last walk, if that used it. */
  readonly previous: Previous | undefined;
}

/** What is remembered of a credential in a store: under which name each field was there. */
export interface StaticMemory extends LookUpMemory {
  readonly seen: Record<string, string | undefined>;
}

/** Asks a store whose answers do not expire. */
export function* askStatic(call: Call, question: Question): Task<Answer> {
  const { store, wanted, previous, memory, silences } = question;
  const { timers } = call.tasks;
  const attempt: Attempt<Reading> = () =>
    store.shape === "variables" ? readVariables(call, question) : readOneDocument(call, question);
  let { answer, needs, late, expiresAt = Infinity } = yield* lookUp(call, store, memory, attempt);
  for (let looks = store.readsFiles ? 3 : 1; looks > 0; looks--) {
    const delay = delayBefore(answer, question);
    if (delay === 0) break;
    yield* call.tasks.wait(delay);
    ({ answer, needs, late, expiresAt = Infinity } = yield* lookUp(call, store, memory, attempt));
  }
  const now = timers.now();
  // Hint: an expiry is of what may be used, so a refusal has none, whatever was given beside it.
  if (!isRefusal(answer) && now >= expiresAt) answer = { outcome: "unavailable", detail: "what it gave has expired" };
  if (isRefusal(answer)) expiresAt = Infinity;
  for (const each of late ?? []) silences.add(now, call.decl.random, each, answer as Refusal);
  if (!isRefusal(answer)) {
    for (const field of wanted) memory.seen[field] = nameIn(answer, field);
  }
  if (previous && answer.outcome === "unavailable" && now < previous.expiresAt) {
    const until = Math.min(now + pauseOf(call.decl.random), previous.expiresAt);
    const { reading, expiresAt } = previous;
    return { reading, staleBecause: answer as Refusal, until, expiresAt, needs };
  }
  const until = Math.min(now + store.recheck, expiresAt, ...needs.map((need) => need.until));
  return { reading: answer, until, expiresAt, needs };
}

/** The name under which a reading has a field. */
function nameIn(answer: Reading, field: string): string | undefined {
  return answer.outcome === "found" && answer.values[field] !== undefined ? answer.names[field] : undefined;
}

/** After how many milliseconds to look again before an answer counts; 0 if it counts at once. */
function delayBefore(answer: Reading, { credential, store, wanted, previous, memory }: Question): number {
  if (isRefusal(answer)) return 0;
  const has = (field: string) => nameIn(answer, field) !== undefined;
  if (!store.readsFiles) return store.shape === "document" && previous && !wanted.some(has) ? 50 : 0;
  const isPartial = store.onIncomplete === "stop" &&
    credential.fields.some((field) => isIdentity(field) && has(field.name)) &&
    credential.fields.some(({ presence, name }) => presence === "required" && !has(name));
  if (isPartial) return 50;
  // Hint: a less preferred name may be another identity's.
  const isLost = (field: string) => {
    const seen = memory.seen[field];
    const name = nameIn(answer, field);
    return seen !== undefined && name !== seen && name !== preferredName(credential.from[store.name]!, field);
  };
  return wanted.some(isLost) ? 16 : 0;
}

/** Reads the wanted fields side by side. */
function* readVariables(call: Call, question: Question) {
  const { store, credential, wanted } = question;
  const { names } = credential.from[store.name]!;
  const flights = [];
  for (const field of wanted) {
    const flight = call.tasks.start(readVariable(call, question, names[field]!));
    flights.push([field, flight] as const);
    if (flight.landed?.value.thrown) break;
  }
  const said: Record<string, Said> = {};
  const used: Record<string, string> = {};
  const late: Late[] = [];
  const needs: Need[] = [];
  let [spent, expiresAt] = [0, Infinity];
  let thrown: Refusal | undefined;
  for (const [field, flight] of flights) {
    const own = yield* call.tasks.join(flight);
    used[field] = own.name;
    needs.push(...own.needs);
    spent = Math.max(spent, own.spent);
    expiresAt = Math.min(expiresAt, own.expiresAt);
    thrown ??= own.thrown;
    if (own.late) late.push(own.late);
    if (own.answer) said[field] = own.answer;
  }
  // Hint: the time is that of the whole reading.
  const timeouts = late.length > 0 ? Object.values(said).filter((each) => isRefusal(each) && each.timeout) : [];
  return {
    // Hint: what is thrown ends the reading, whatever the other variables say.
    answer: thrown ?? (timeouts[0] as Refusal | undefined) ?? variablesOf(wanted, said, used),
    needs,
    spent,
    late,
    expiresAt,
  };
}

/** Reads one field under the first of its names that has something. */
function* readVariable(call: Call, question: Question, names: readonly string[]) {
  let [left, spent, expiresAt] = [question.store.timeout, 0, Infinity];
  const needs: Need[] = [];
  const place = call.tasks.timers.place();
  for (const name of names) {
    const { said: answer, late, needs: own, ...times } = yield* askUnlessSilent(call, question, name, left, place);
    left = times.left;
    spent += times.spent;
    expiresAt = Math.min(expiresAt, expiryOf(answer));
    needs.push(...own);
    if (isRefusal(answer)) {
      return { name, answer, late, thrown: "thrown" in answer ? answer : undefined, needs, spent, expiresAt };
    }
    if (answer.outcome === "value" && isPresent(answer.value)) return { name, answer, needs, spent, expiresAt };
  }
  return { name: names[0]!, needs, spent, expiresAt };
}

/** Asks for one name, unless there was no answer to it in time a moment ago, or one that asked to wait. */
function* askUnlessSilent(
  call: Call,
  { store, silences }: Question,
  name: string,
  left = store.timeout,
  place?: number,
): Task<Inward & { late?: Late }> {
  const silence = silences.at(call.tasks.timers.now(), name);
  if (silence) return { said: silence, needs: [], left, spent: 0 };
  const before = silences.begin(name);
  const answer = yield* ask(call, { store, what: name, left, place });
  const { timeout, retryAfter } = answer.said as Refusal;
  if (retryAfter) silences.add(call.tasks.timers.now(), call.decl.random, { name, before }, answer.said as Refusal);
  return timeout ? { ...answer, late: { name, before } } : answer;
}

function expiryOf(said: Said | Refusal): number {
  return said.outcome === "value" && "expiresAt" in said ? said.expiresAt ?? Infinity : Infinity;
}

function variablesOf(wanted: readonly string[], said: Record<string, Said>, used: Record<string, string>): Reading {
  const present = wanted.flatMap((field) => said[field] ? [[field, said[field]] as const] : []);
  const refused = present.map(([, answer]) => answer).filter((answer) => isRefusal(answer)) as Refusal[];
  for (const gravest of ["denied", "invalid", "unavailable"]) {
    const refusal = refused.find(({ outcome }) => outcome === gravest);
    if (refusal) return refusal;
  }
  if (present.length === 0) return { outcome: "miss" };
  const values = Object.fromEntries(present.map(([field, answer]) => [field, (answer as { value: string }).value]));
  return { outcome: "found", values, names: used };
}

function* readOneDocument(call: Call, question: Question) {
  const { decl, store, credential } = question;
  const { said, needs, spent, late } = yield* askUnlessSilent(
    call,
    question,
    credential.from[store.name]!.document!,
  );
  if (isRefusal(said)) return { answer: said, needs, spent, late: late ? [late] : [] };
  const document = said.outcome === "value" ? said.value : undefined;
  return { answer: readDocument(decl, credential, store, document), needs, spent, expiresAt: expiryOf(said) };
}

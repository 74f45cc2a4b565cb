import type { AnswerOptions, Version } from "../core/chain/answer.ts";
import type { Clock, FileLock } from "../core/chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import { type Perform, performOn } from "../core/engine/perform.ts";
import type { PlannedSource } from "../core/engine/verdict.ts";
import { type LookUpContext, type UntypedLook, valueOf } from "../core/source/reader.ts";
import type { ChangeOptions, Contents, Medium } from "./medium.ts";
import { holdsNothing } from "./member.ts";

/** How long to wait for a claim before it is taken over. */
const CLAIM_MS = 60_000;

type RawWrite = (change: object, context: LookUpContext) => unknown;

/** What a look-up gave, and what it stated about that. */
interface Found extends Contents, Pick<AnswerOptions, "age"> {}

/** A claim, and since when it has been there. */
interface Claim {
  readonly version: Version;
  /** Negative infinity for a claim of this resolver's own, which only a failed mint leaves behind. */
  readonly since: number;
}

const claims = /* @__PURE__ */ new WeakMap<PlannedSource, Claim>();

/** A store with its own `write`. */
export class StoreMedium implements Medium {
  readonly pollMs = 500;
  readonly #perform: Perform;
  readonly #source: PlannedSource;
  readonly #write: RawWrite;
  readonly #clock: Clock;

  constructor(resolver: object, source: PlannedSource, write: RawWrite, clock: Clock) {
    this.#perform = performOn(resolver, source);
    this.#source = source;
    this.#write = write;
    this.#clock = clock;
  }

  async read(): Promise<Found | Refusal> {
    const { document, reads } = this.#source.reader;
    return await this.#perform<Found>(async (look, context) => {
      const value = document
        ? valueOf(await look(document.name, Object.assign(context, { text: document.text })), context)
        : await readValues(reads, look, context);
      if (isRefusal(value)) return value;
      const { version, age } = context.answered ?? {};
      return { value: value as object | undefined, version, age };
    });
  }

  async replace({ value, version }: Contents, after: object, _?: ChangeOptions): Promise<boolean | Refusal> {
    const { document } = this.#source.reader;
    const change = { ...(document && { name: document.name }), before: { value, version }, after };
    const answer = await this.#perform<unknown>(async (_, context) => {
      try {
        return await this.#write(change, context);
      } catch (thrown) {
        return isRefusal(thrown) ? thrown : invalid("its write() threw: fix the store's code");
      }
    });
    return isRefusal(answer) ? answer : answer !== false;
  }

  /**
   * Claims the right to mint by writing an empty document, which every reader takes for a miss. This excludes others if
   * the store checks versions; variables, and a document that other credentials share, have no place for a claim.
   */
  async lock(): Promise<FileLock | Refusal | false | undefined> {
    if (!this.#source.reader.document) return NOTHING_TO_RELEASE;
    const before = await this.read();
    if (isRefusal(before)) return before;
    if (!isEmpty(before.value)) return NOTHING_TO_RELEASE;
    if (isClaim(before) && !this.#isLapsed(before)) return undefined;
    // Hint: without a version, a claim could not be distinguished from the next one.
    if (before.value && before.version === undefined) return NOTHING_TO_RELEASE;
    const written = await this.replace(before, {});
    if (written !== true) return written;
    const after = await this.read();
    if (isRefusal(after)) return after;
    if (isClaim(after)) claims.set(this.#source, { version: after.version!, since: -Infinity });
    return NOTHING_TO_RELEASE;
  }

  #isLapsed({ version, age = 0 }: Found): boolean {
    const now = this.#clock.now();
    const known = claims.get(this.#source);
    const since = known?.version === version ? known!.since : now - age;
    claims.set(this.#source, { version: version!, since });
    return now - since >= CLAIM_MS;
  }
}

const NOTHING_TO_RELEASE: FileLock = { release: () => {} };

function isEmpty(value: object | undefined): boolean {
  return holdsNothing(value) || Object.keys(value!).length === 0;
}

/** Whether an empty document may be the claim of a process that mints. */
function isClaim({ value, version }: Found): boolean {
  return version !== undefined && !holdsNothing(value) && isEmpty(value);
}

async function readValues(names: readonly string[], look: UntypedLook, context: LookUpContext): Promise<unknown> {
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const value = valueOf(await look(name, context), context);
    if (isRefusal(value)) return value;
    values[name] = value;
  }
  return values;
}

import { unavailable } from "../../../../mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSubject, show, showError } from "../subject.ts";
import type { Checks } from "../table.ts";

const DOCUMENT = { user: "writer", password: "not-a-secret-either" };
const DEFAULT = { user: "root", password: "not-a-secret-at-all" };

/** Creates a subject whose upper store waits until a check answers it. */
function makeSlow() {
  const subject = makeSubject();
  const waiting: ((document: object) => void)[] = [];
  subject.upper.answer = () => new Promise<object>((resolve) => waiting.push(resolve));
  return { ...subject, waiting };
}

/** Concurrent callers, and how long they wait. */
export const callerChecks: Checks = {
  "a thousand concurrent callers cause one look-up, and get one object": async () => {
    const { resolver, upper, waiting } = makeSlow();
    const pending = Array.from({ length: 1_000 }, () => resolver.resolve("db:basic"));
    waiting[0]!(DOCUMENT);
    const credentials = await Promise.all(pending);
    expectEqual([upper.asked.length, new Set(credentials).size], [1, 1]);
  },

  "a caller's signal ends the wait of this caller only, with the signal's reason": async () => {
    const { resolver, upper, waiting } = makeSlow();
    const controller = new AbortController();
    const first = expectFailure(() => resolver.resolve("db:basic", { signal: controller.signal }));
    const second = resolver.resolve("db:basic");
    controller.abort("gave up");
    expectEqual(await first, "gave up");
    waiting[0]!(DOCUMENT);
    expectEqual([(await second).source, upper.asked.length], ["upper", 1]);
    const gone = await expectFailure(() => resolver.resolve("db:basic", { signal: AbortSignal.abort("before") }));
    expectEqual(gone, "before");
  },

  "a store that hangs is unavailable after its timeout, and the next one is asked": async () => {
    const { resolver, clock } = makeSlow();
    const pending = resolver.resolve("db:basic");
    await clock.advance(4_999);
    expectEqual(resolver.peek("db:basic"), undefined);
    await clock.advance(1);
    const credential = await pending;
    expectEqual(show(credential), "env degraded: upper unavailable, env hit");
    expectEqual(credential.trace[0]!.ms, 5_000);
  },

  "the signal of a look-up is aborted after its timeout": async () => {
    const { resolver, upper, clock } = makeSubject({ store: { timeout: 100 } });
    let ended = false;
    upper.answer = (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => {
          ended = true;
          resolve(undefined);
        })
      );
    const pending = resolver.resolve("db:basic");
    await clock.advance(100);
    expectEqual([show(await pending), ended], ["env degraded: upper unavailable, env hit", true]);
  },

  "the end of a caller's budget ends its wait, and the walk continues for the others": async () => {
    const { resolver, clock, waiting } = makeSlow();
    const hasty = expectFailure(() => resolver.resolve("db:basic", { budget: 50, default: DEFAULT }));
    const patient = resolver.resolve("db:basic");
    await clock.advance(50);
    expectEqual(showError(await hasty), "CredentialError unavailable: ");
    waiting[0]!(DOCUMENT);
    expectEqual((await patient).source, "upper");
  },

  "no timer is left after the calls": async () => {
    const { resolver, clock, waiting } = makeSlow();
    const pending = resolver.resolve("db:basic");
    expect(clock.timers > 0, "Expected a timer");
    waiting[0]!(DOCUMENT);
    await pending;
    expectEqual(clock.timers, 0);
  },

  "a credential that is invalidated during its walk is resolved again": async () => {
    const { resolver, upper, waiting } = makeSlow();
    const pending = resolver.resolve("db:basic");
    resolver.invalidate("db:basic");
    waiting[0]!({ ...DOCUMENT, user: "outdated" });
    await Promise.resolve();
    upper.answer = DOCUMENT;
    while (waiting.length < 2 && upper.asked.length < 2) await Promise.resolve();
    waiting[1]?.(DOCUMENT);
    expectEqual((await pending).get("user"), "writer");
  },

  "two callers each get their own default": async () => {
    const { resolver } = makeSubject({ host: { env: {} } });
    const [one, other] = await Promise.all([
      resolver.resolve("db:basic", { default: DEFAULT }),
      resolver.resolve("db:basic", { default: { ...DEFAULT, user: "other" } }),
    ]);
    expectEqual([one.get("user"), other.get("user")], ["root", "other"]);
  },

  "no rejection is left unhandled, whichever store fails or caller gives up": async () => {
    const rejections = watchRejections();
    try {
      await turn(() => void Promise.reject(new Error("on purpose")));
      const seen = rejections.count();
      expectEqual(seen, 1, "the count of a rejection on purpose");
      const { resolver, upper, clock } = makeSubject({ host: { env: {} } });
      for (const fail of [unavailable("HTTP 503"), new Error("bug"), () => Promise.reject(new Error("bug"))]) {
        upper.answer = fail as never;
        const controller = new AbortController();
        const waits = [
          resolver.resolve("db:basic", { signal: controller.signal }),
          resolver.resolve("db:basic", { budget: 1 }),
          resolver.find("db:basic"),
        ].map((promise) => promise.catch(() => {}));
        controller.abort();
        await clock.advance(10_000);
        await Promise.all(waits);
        resolver.invalidate("db:basic");
      }
      await turn(() => {});
      expectEqual(rejections.count(), seen);
    } finally {
      rejections.stop();
    }
  },
};

interface RejectionEvents {
  addEventListener?(type: string, listener: (event: { preventDefault?(): void }) => void): void;
  removeEventListener?(type: string, listener: (event: { preventDefault?(): void }) => void): void;
  process?: { on?(type: string, listener: () => void): void; off?(type: string, listener: () => void): void };
  Deno?: unknown;
}

/** Counts unhandled rejections, and prevents them from ending the program. */
function watchRejections() {
  const global = globalThis as unknown as RejectionEvents;
  let count = 0;
  const listener = (event?: { preventDefault?(): void }) => {
    event?.preventDefault?.();
    count++;
  };
  // Hint: Bun and Node report to the process only; the others, which may have both, to the global scope.
  const { process } = global;
  const system = process?.on && !global.Deno && !isWorkerd();
  if (system) process.on!("unhandledRejection", listener);
  else global.addEventListener!("unhandledrejection", listener);
  return {
    count: () => count,
    stop: () => {
      if (system) process.off!("unhandledRejection", listener);
      else global.removeEventListener!("unhandledrejection", listener);
    },
  };
}

function isWorkerd(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}

/** Calls a function, and waits for two turns of the event loop, in the first of which rejections are reported. */
async function turn(action: () => void): Promise<void> {
  action();
  for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
}

import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventEmitter } from "node:events";
import { LoginPool } from "../../src/clients/login_pool.ts";
import { testClock } from "../../src/testing/mod.ts";
import { root } from "../support/closed_network/root.ts";

const OVERLAP_MS = 30_000;
/** How long the end of a pool may take. */
const END_MS = 5_000;

/** A stand-in for a pool of `postgres`, or of `pg` where it has listeners: it notes how it was ended. */
function standIn(end: () => Promise<unknown> = () => Promise.resolve()) {
  const ends: unknown[][] = [];
  return {
    ends,
    end: (...options: unknown[]) => {
      ends.push(options);
      return end();
    },
  };
}

/** A stand-in for a pool of `pg`, which tells of its connections. */
function standInForPg(end?: () => Promise<unknown>) {
  const listeners = new Map<string, (connection: unknown) => void>();
  const emit = (event: string, connection: unknown) => listeners.get(event)?.(connection);
  const on = (event: string, listener: (connection: unknown) => void) => listeners.set(event, listener);
  return { ...standIn(end), on, emit };
}

/** A stand-in for a connection of `pg`. */
function connection() {
  const self = {
    ends: 0,
    heard: [] as string[],
    end: () => {
      self.ends++;
      return Promise.resolve();
    },
    on: (event: string) => self.heard.push(event),
  };
  return self;
}

const never = () => new Promise<never>(() => {});

/** Lets promises settle, and tells whether one of them is among those that have. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  promise.then(() => over = true, () => over = true);
  await testClock().advance(0);
  return over;
}

Deno.test("an unused pool is ended at once, each in its client's own way, and only once", async () => {
  const clock = testClock();
  const [pg, postgres] = [standInForPg(), standIn()];
  for (const pool of [pg, postgres]) {
    const login = new LoginPool(pool, clock);
    await Promise.all([login.end(OVERLAP_MS), login.end(OVERLAP_MS)]);
  }
  assertEquals([pg.ends, postgres.ends, clock.timers], [[[]], [[{ timeout: 0 }]], 0]);
});

Deno.test("a pool is ended when the last of its uses is over, and none of them is disturbed", async () => {
  const clock = testClock();
  const pool = standInForPg();
  const login = new LoginPool(pool, clock);
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const uses = [login.use(() => first.promise), login.use(() => login.use(() => second.promise))];
  const ended = login.end(OVERLAP_MS);
  first.resolve("first");
  await clock.advance(OVERLAP_MS - 1);
  assertEquals(pool.ends, []);
  second.resolve("second");
  assertEquals(await Promise.all(uses), ["first", "second"]);
  await ended;
  assertEquals([pool.ends.length, clock.timers], [1, 0]);
});

Deno.test("a use that outlives the overlap is rejected, and the connections are ended, also one that is made later", async () => {
  const clock = testClock();
  const pool = standInForPg(never);
  const login = new LoginPool(pool, clock);
  const [gone, busy, late] = [connection(), connection(), connection()];
  for (const each of [gone, busy]) pool.emit("connect", each);
  pool.emit("remove", gone);
  const use = assertRejects(() => login.use(never), Error, "its work was not done within the overlap");
  const ended = login.end(OVERLAP_MS);
  await clock.advance(OVERLAP_MS);
  pool.emit("connect", late);
  await use;
  await ended;
  assertEquals([gone.ends, busy.ends, late.ends, pool.ends.length], [0, 1, 1, 1]);
  assertEquals([gone.heard, late.heard], [["error"], ["error"]]);
});

Deno.test("a pool that rejects, throws, or never answers when it is ended is left after ten seconds at most", async () => {
  const clock = testClock();
  const broken = () => Promise.reject(new Error("not-a-secret"));
  const throwing = () => {
    throw new Error("not-a-secret");
  };
  for (const end of [broken, throwing]) {
    assertEquals(await new LoginPool(standIn(end), clock).end(OVERLAP_MS), undefined);
    const used = new LoginPool(standIn(end), clock);
    const use = assertRejects(() => used.use(never), Error, "The pool was ended");
    const ended = used.end(0);
    await clock.advance(0);
    await Promise.all([use, ended]);
  }
  const ended = new LoginPool(standIn(never), clock).end(OVERLAP_MS);
  await clock.advance(2 * END_MS - 1);
  assertEquals(await isOver(ended), false);
  await clock.advance(1);
  assert(await isOver(ended));
});

Deno.test("what a use throws is thrown as it is, and the use is over", async () => {
  const clock = testClock();
  const pool = standIn();
  const login = new LoginPool(pool, clock);
  const error = new Error("not-a-secret");
  const fail = () => {
    throw error;
  };
  assertEquals(await login.use(fail).catch((thrown) => thrown), error);
  assertEquals(await login.use(() => Promise.reject(error)).catch((thrown) => thrown), error);
  assertEquals(await login.use(() => 1), 1);
  await login.end(OVERLAP_MS);
  assertEquals(pool.ends.length, 1);
});

Deno.test("what uses gave can be freed while the pool lives on", async () => {
  const program = `
    import { LoginPool } from "./src/clients/login_pool.ts";
    import { testClock } from "./src/testing/mod.ts";
    const pool = new LoginPool({ end: () => Promise.resolve() }, testClock());
    const given = [];
    const work = async () => {
      const result = { rows: [] };
      given.push(new WeakRef(result));
      return await Promise.resolve(result);
    };
    for (let use = 0; use < 100; use++) await pool.use(work);
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
    console.log(given.filter((each) => each.deref()).length);
    await pool.end(0);
  `;
  const args = ["eval", "--quiet", "--no-lock", "--v8-flags=--expose-gc", program];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  const kept = Number(new TextDecoder().decode(stdout) || NaN);
  assert(kept < 3, `Expected nothing to be kept, found ${kept} results`);
});

Deno.test("a pool whose idle connection fails does not end the process", () => {
  const pool = new EventEmitter();
  const end = () => Promise.resolve();
  new LoginPool(Object.assign(pool, { end }), testClock());
  pool.emit("error", new Error("not-a-secret"));
});

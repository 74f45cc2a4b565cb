import type { Host, LogEvent, WritableFiles } from "../core/chain/host.ts";
import { type TestClock, testClock } from "./test_clock.ts";
import { asyncTestFiles, type TestDisk, testFiles } from "./test_files.ts";

/**
 * The options of a test host. For those that are omitted, nothing of the machine is used.
 *
 * @example A server that the test plays
 * ```ts
 * import { testHost, type TestHostOptions } from "@alphaswarm/credentials/testing";
 *
 * const answer = { access_token: "not-a-secret", token_type: "Bearer", expires_in: 600 };
 * const options: TestHostOptions = {
 *   env: { TOKEN_URL: "https://sso.example/token" },
 *   fetch: () => Promise.resolve(Response.json(answer)),
 *   random: () => 0.5, // where in its window a token is renewed
 * };
 * const host = testHost(options);
 * console.log((await host.fetch!("https://sso.example/token")).status); // 200
 * ```
 * @category Testing
 */
export interface TestHostOptions {
  /** Environment variables or bindings by name; the record may be changed later. */
  readonly env?: Record<string, unknown>;
  /** Files by path; the record may be changed later. `false` for a runtime without files. */
  readonly files?: TestDisk | false;
  /** The clock; default a new `testClock()`. */
  readonly clock?: TestClock;
  /** The source of random numbers from 0 to less than 1; default always 0. */
  readonly random?: () => number;
  /** The network; default one that rejects every request. */
  readonly fetch?: typeof fetch;
  /** Whether a promise belongs to the request that created it, as on workerd; default `false`. */
  readonly requestBound?: boolean;
}

/**
 * A host in memory, which uses no variable, file, clock or network of the machine.
 *
 * @example What was logged and written
 * ```ts
 * import { createResolver, defineChain, file, required } from "@alphaswarm/credentials";
 * import { persist } from "@alphaswarm/credentials/bootstrap";
 * import { type TestHost, testHost } from "@alphaswarm/credentials/testing";
 *
 * const host: TestHost = testHost();
 * const chain = defineChain({
 *   stores: { file: file({ priority: 100, directory: "state" }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { file: "db.json" } },
 *   },
 * });
 * const resolver = createResolver(chain, host);
 * await persist(resolver, "db:user", { user: "reader" });
 * console.log(Object.keys(host.disk)); // ["state/db.json"]
 * await resolver.resolve("db:user");
 * console.log(host.events.map(({ type }) => type)); // ["walk"]
 * ```
 * @category Testing
 */
export interface TestHost extends Host {
  /** The environment variables; may be changed at any time. */
  readonly env: Record<string, unknown>;
  /** The files by path, with those that were written; may be changed at any time. */
  readonly disk: TestDisk;
  /** Access to the files, which `persist` and `ensure` write; `false` without files. */
  readonly files: WritableFiles | false;
  /** The clock. */
  readonly clock: TestClock;
  /** The keys of `disk` that nothing has read so far, which include misspelled ones. */
  readonly unread: readonly string[];
  /** The events that have been logged so far. */
  readonly events: readonly LogEvent[];
}

/**
 * Creates a host in memory, for `createResolver` or `getResolver`. `persist` and `ensure` write to its `disk`; `info` of
 * its `files` includes the mode of a file that was written.
 *
 * @param options The variables, the files, and other parts of the host.
 * @returns The host.
 *
 * @example Variables for a test
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const host = testHost({
 *   env: { NEO4J_USER: "reader", NEO4J_PASSWORD: "not-a-secret" },
 * });
 * const credential = await createResolver(chain, host).resolve("neo4j:basic");
 * console.log(credential.source); // "env"
 * ```
 * @category Testing
 */
export function testHost(options: TestHostOptions = {}): TestHost {
  const { env = {}, files = {}, clock = testClock(), random = () => 0, fetch = rejectRequest, requestBound = false } =
    options;
  const disk = files === false ? {} : files;
  const asked = new Set<string>();
  const events: LogEvent[] = [];
  return {
    env,
    disk,
    files: files === false ? false : testFiles(disk, asked),
    asyncFiles: asyncTestFiles(disk, asked),
    get unread() {
      return Object.keys(disk).filter((key) => !asked.has(key));
    },
    clock,
    random,
    fetch,
    requestBound,
    events,
    log: (event) => void events.push(event),
  };
}

function rejectRequest(): Promise<Response> {
  return Promise.reject(new TypeError("The test host has no network: pass fetch to testHost()"));
}

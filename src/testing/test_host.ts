import type { Files, Host, LogEvent } from "../host.ts";
import { type TestClock, testClock } from "./test_clock.ts";
import { slowTestFiles, type TestDisk, testFiles } from "./test_files.ts";

/** What a test gives; what it leaves out is empty, and nothing is the machine's own. @category Testing */
export interface TestHostOptions {
  /** Variables or bindings by name; the record may change later. */
  readonly env?: Record<string, unknown>;
  /** Files by path; the record may change later. `false` for a runtime without files. */
  readonly files?: TestDisk | false;
  /** The time; a clock that stands still unless this says otherwise. */
  readonly clock?: TestClock;
  /** Chance; always 0 unless this says otherwise. */
  readonly random?: () => number;
  /** How the network is asked; out of reach unless this says otherwise. */
  readonly fetch?: typeof fetch;
  /** Whether promises belong to the request that made them, as on workerd. */
  readonly requestBound?: boolean;
}

/** A host in memory: no variable, file, clock or network of the machine is touched. @category Testing */
export interface TestHost extends Host {
  /** The variables, to be changed at will. */
  readonly env: Record<string, unknown>;
  /** The files, to be changed at will. */
  readonly disk: TestDisk;
  /** Reads them. */
  readonly files: Files | false;
  /** The time, to be moved at will. */
  readonly clock: TestClock;
  /** What was logged so far. */
  readonly events: readonly LogEvent[];
}

/**
 * Makes a host in memory for `createResolver` or `getResolver`.
 *
 * @param options Variables, files, and whatever else shall not be the default.
 * @returns The host.
 *
 * @example
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
 * const host = testHost({ env: { NEO4J_USER: "reader", NEO4J_PASSWORD: "not-a-secret" } });
 * const credential = await createResolver(chain, host).resolve("neo4j:basic");
 * console.log(credential.source); // "env"
 * ```
 * @category Testing
 */
export function testHost(options: TestHostOptions = {}): TestHost {
  const { env = {}, files = {}, clock = testClock(), random = () => 0, fetch = outOfReach, requestBound = false } =
    options;
  const disk = files === false ? {} : files;
  const events: LogEvent[] = [];
  return {
    env,
    disk,
    files: files === false ? false : testFiles(disk),
    slowFiles: slowTestFiles(disk),
    clock,
    random,
    fetch,
    requestBound,
    events,
    log: (event) => void events.push(event),
  };
}

function outOfReach(): Promise<Response> {
  return Promise.reject(new TypeError("The test host has no network"));
}

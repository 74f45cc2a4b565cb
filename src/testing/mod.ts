/**
 * Helpers for tests of a chain, a store or a program that uses them.
 *
 * For programs, use the host in memory, the clock that a test advances and the scripted store. For a store of your own,
 * use `conformance`; for your own engine, by which a fleet shares tokens, use `engineConformance`.
 *
 * More: [The test kit](https://github.com/alphaswarm/credentials/blob/main/src/testing/README.md).
 *
 * @example A test without the machine
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
 *
 * @module
 */
export { engineConformance, type EngineConformanceOptions } from "./engine_conformance/mod.ts";
export { conformance } from "./conformance/mod.ts";
export type {
  ConformanceCheck,
  ConformanceLimit,
  ConformanceOptions,
  ConformanceValues,
  Fault,
  NeededValues,
  StoreHarness,
} from "./conformance/harness.ts";
export {
  type AnyRequest,
  type LookUpAnswer,
  type LookUpRequest,
  type ScriptedAnswer,
  type ScriptedOptions,
  type ScriptedStore,
  scriptedStore,
} from "./scripted_store.ts";
export { type TestClock, testClock } from "./test_clock.ts";
export type { TestDisk, TestFile } from "./test_files.ts";
export { type TestHost, testHost, type TestHostOptions } from "./test_host.ts";

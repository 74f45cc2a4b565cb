/**
 * One place that answers "where does this service's credential come from?": an ordered chain of stores, compiled into a
 * resolver that returns the first that has it, else the caller's default, and always says where it came from.
 *
 * @example
 * ```ts
 * import { defineChain, env, file, getResolver, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: {
 *     file: file({ priority: 200, directory: "data/bootstrap" }), // asked first
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "polaris:oauth": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { file: "polaris-principal.json", env: { prefix: "POLARIS_" } },
 *     },
 *   },
 * });
 *
 * const cred = await getResolver(chain).resolve("polaris:oauth", {
 *   default: { client_id: "root", client_secret: "s3cr3t" },
 * });
 * cred.get("client_id"); // string: the fields are known to the compiler
 * console.log(cred.source); // "file", "env" or "default"
 * ```
 *
 * @module
 */
export {
  type Chain,
  type Consistent,
  type Declaration,
  type DefaultPolicy,
  defineChain,
  type Key,
  type Mapping,
} from "./src/chain.ts";
export {
  type Default,
  destination,
  type Field,
  type Fields,
  type Identity,
  type IdentityFields,
  type NamesOf,
  optional,
  type Presence,
  type RawOf,
  type RawValues,
  required,
  setting,
  type Values,
} from "./src/field.ts";
export type { SchemaResult, StandardSchema } from "./src/standard_schema.ts";
export { type Flag, flag, fromEnv, type REFERENCE, type Reference } from "./src/reference.ts";
export { env, type EnvOptions } from "./src/stores/env.ts";
export { file, type FileOptions } from "./src/stores/file.ts";
export { mounted, type MountedOptions } from "./src/stores/mounted.ts";
export { memory, type MemoryOptions } from "./src/stores/memory.ts";
export {
  type Changes,
  type Context,
  defineStore,
  type Look,
  type NeededCredential,
  type Options,
  type OptionsFor,
  type Permissions,
  type Policy,
  type Store,
  type StoreFactory,
  type StoreOptions,
  type Stores,
  type StoreSpec,
  type Surroundings,
  type TokenStoreOptions,
  type Write,
} from "./src/stores/store.ts";
export type {
  DocumentMapping,
  ShapeName,
  ShapeOf,
  Shapes,
  Token,
  TokenFields,
  VariableMapping,
} from "./src/shapes/shape.ts";
export { variables } from "./src/shapes/variables.ts";
export { document } from "./src/shapes/document.ts";
export { token } from "./src/shapes/token.ts";
export {
  denied,
  invalid,
  type Outcome,
  type REFUSAL,
  type Refusal,
  type RefusalOptions,
  type Role,
  type Step,
  unavailable,
} from "./src/outcome.ts";
export type { MaybePromise } from "./src/eventually.ts";
export { createResolver, type FindOptions, type KeyOf, type ResolveOptions, type Resolver } from "./src/resolver.ts";
export { getResolver, resetResolver } from "./src/registry.ts";
export { perCredential } from "./src/per_credential.ts";
export type { Credential } from "./src/credential.ts";
export {
  ChainError,
  CredentialError,
  type CredentialErrorCode,
  type CredentialErrorDetails,
  type Problem,
} from "./src/errors.ts";
export type { Clock, Files, Host, LogEvent, PathInfo, Variables } from "./src/host.ts";
export type {
  ChainDescription,
  CredentialDescription,
  HeldDescription,
  ReferenceDescription,
  StoreDescription,
  WalkDescription,
} from "./src/describe.ts";

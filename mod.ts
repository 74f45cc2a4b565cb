/**
 * A typed credential chain. Declare once where each service's credential comes from, in which order; ask for it anywhere,
 * and always learn which source it came from.
 *
 * ```ts
 * import { defineChain, env, file, getResolver, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: {
 *     file: file({ priority: 200, directory: new URL("data/bootstrap", import.meta.url) }), // asked first
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
 * const credential = await getResolver(chain).resolve("polaris:oauth", {
 *   default: { client_id: "root", client_secret: "s3cr3t" }, // used only if no store has it; leave it out in production
 * });
 * credential.get("client_id"); // string; an unknown field does not compile
 * console.log(credential.source); // "file", "env" or "default"
 * ```
 *
 * - **Declare** a chain with {@linkcode defineChain}, its fields with {@linkcode required}, {@linkcode optional},
 *   {@linkcode setting} and {@linkcode destination}, and what a deployment decides with {@linkcode fromEnv} and
 *   {@linkcode flag}.
 * - **Stores** are {@linkcode env}, {@linkcode file}, {@linkcode mounted} and {@linkcode memory}. Others have entry points
 *   of their own: `./oauth2`, `./sts`, `./vault`, `./aws`, `./identity`, `./exec` and `./dotenv`; `./share` gives a fleet
 *   one token. All have {@linkcode StoreOptions}.
 * - **Resolve** with {@linkcode getResolver}, which gives the {@linkcode Resolver} of a chain. It resolves to a
 *   {@linkcode Credential}, or rejects with a {@linkcode CredentialError}; mistakes in the chain are a
 *   {@linkcode ChainError}. {@linkcode perCredential} keeps a client for a credential, and {@linkcode warm} resolves what
 *   a service needs before it is ready. `./clients/fetch`, `./clients/aws`, `./clients/postgres`, `./clients/neo4j` and
 *   `./clients/iceberg` are for the clients of other packages.
 * - **Operate** with the command line (`./cli`), its reports as data (`./report`), a route for people and probes
 *   (`./hono`), and metrics (`./otel`). `./bootstrap` mints a credential once.
 * - **Test** with {@linkcode createResolver} and a {@linkcode Host} of your own, or that of `./testing`.
 * - **Write a store** with {@linkcode defineStore} and a {@linkcode StoreSpec}, in one of three shapes:
 *   {@linkcode variables}, {@linkcode document} or {@linkcode token}.
 *
 * More: [How a chain is written](https://github.com/alphaswarm/credentials/blob/main/src/core/README.md), and
 * [guides](https://github.com/alphaswarm/credentials/blob/main/.github/guides/README.md) for Kubernetes, Cloudflare Workers,
 * GitHub Actions and AWS Lambda.
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
} from "./src/core/chain/chain.ts";
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
  type SchemaResult,
  setting,
  type StandardSchema,
  type Values,
} from "./src/core/chain/field.ts";
export {
  type Flag,
  flag,
  fromEnv,
  type Options,
  type Referable,
  type REFERENCE,
  type Reference,
  whenSet,
} from "./src/core/chain/reference.ts";
export { env, type EnvOptions } from "./src/stores/env.ts";
export { file, type FileOptions } from "./src/stores/file.ts";
export { mounted, type MountedOptions } from "./src/stores/mounted.ts";
export { memory, type MemoryOptions } from "./src/stores/memory.ts";
export { defineStore } from "./src/stores/define_store.ts";
export type { EngineState, Share, ShareDescription } from "./src/core/chain/share.ts";
export type {
  ExpiredPolicy,
  NeedName,
  NeedOptions,
  OptionalNeed,
  OptionsFor,
  Policy,
  ShareOption,
  Store,
  StoreFactory,
  StoreOptions,
  Stores,
  TokenStoreOptions,
} from "./src/core/chain/store.ts";
export type { Before, Changes } from "./src/core/chain/changes.ts";
export type {
  CloseContext,
  Context,
  DocumentContext,
  Look,
  NeededCredential,
  Opened,
  Permissions,
  ReadAll,
  RuntimePart,
  StoreSpec,
  Surroundings,
  TokenContext,
  TokenReason,
  ValuesByName,
  Write,
} from "./src/core/chain/store_spec.ts";
export type {
  DocumentMapping,
  ShapeName,
  ShapeOf,
  Shapes,
  TextMapping,
  Token,
  TokenFields,
  VariableMapping,
} from "./src/core/chain/shape.ts";
export { variables } from "./src/core/source/variables.ts";
export { document } from "./src/core/source/document.ts";
export { token } from "./src/core/source/token.ts";
export { runtimeFiles } from "./src/core/runtime/files.ts";
export {
  denied,
  invalid,
  type Outcome,
  type REFUSAL,
  type Refusal,
  type RefusalOptions,
  type Role,
  type Shared,
  type Step,
  unavailable,
} from "./src/core/chain/outcome.ts";
export { type ANSWER, answer, type Answered, type AnswerOptions, type Version } from "./src/core/chain/answer.ts";
export { endpoint, type EndpointOptions } from "./src/core/chain/endpoint.ts";
export { httpRefusal, type HttpRefusalOptions } from "./src/core/chain/http_refusal.ts";
export { jwtExpiry } from "./src/core/chain/jwt_expiry.ts";
export type { MaybePromise } from "./src/core/chain/eventually.ts";
export { createResolver, getResolver, resetResolver } from "./src/core/engine/create_resolver.ts";
export type { FindOptions, KeyOf, ResolveOptions, Resolver } from "./src/core/engine/resolver.ts";
export { perCredential } from "./src/core/engine/per_credential.ts";
export { warm, type WarmFailure } from "./src/core/engine/warm.ts";
export type { Credential } from "./src/core/chain/credential.ts";
export {
  ChainError,
  CredentialError,
  type CredentialErrorCode,
  type CredentialErrorDetails,
  type Problem,
} from "./src/core/chain/errors.ts";
export type {
  Clock,
  FileAccess,
  FileChange,
  FileLock,
  Files,
  Host,
  HostParts,
  LogEvent,
  PathInfo,
  ProgramEnd,
  ProgramRun,
  Programs,
  Variables,
  WritableFiles,
} from "./src/core/chain/host.ts";
export type {
  ChainDescription,
  CredentialDescription,
  HeldDescription,
  ReferenceDescription,
  StoreDescription,
  WalkDescription,
} from "./src/core/engine/describe.ts";

import { answer, type Answered } from "../../core/chain/answer.ts";
import { andThen } from "../../core/chain/eventually.ts";
import { jwtExpiry } from "../../core/chain/jwt_expiry.ts";
import { MINUTE } from "../../core/chain/limits.ts";
import type { OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import { runtimeFiles, runtimePaths } from "../../core/runtime/files.ts";
import { pathOption, pathProblem, readPermission, splitPath } from "../../core/source/file_path.ts";
import { readerIn } from "../../core/source/read_directory.ts";
import { withoutLineBreak } from "../../core/source/read_file.ts";
import { variables } from "../../core/source/variables.ts";

/**
 * The options of `tokenFile`.
 *
 * @example A file on a network mount
 * ```ts
 * import { defineChain, required } from "@alphaswarm/credentials";
 * import { tokenFile, type TokenFileOptions } from "@alphaswarm/credentials/identity";
 *
 * const options: TokenFileOptions = {
 *   path: "/mnt/spire/svid.jwt",
 *   sync: false,
 * };
 * const chain = defineChain({
 *   stores: { spire: tokenFile({ priority: 100, ...options }) },
 *   credentials: {
 *     "app:identity": {
 *       fields: { token: required() },
 *       from: { spire: { fields: { token: "token" } } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface TokenFileOptions {
  /**
   * The file, such as `/var/run/secrets/tokens/vault`: a path, or a file URL such as `new URL("token",
   * import.meta.url)`. A relative path starts at the working directory.
   */
  readonly path: string | URL;
  /** Whether the file is read synchronously, which is 13 to 50 times as fast; `false` for a network mount. */
  readonly sync?: boolean;
}

/**
 * Creates a store of the token in a file that others renew: a token that Kubernetes projects for a service account, the
 * JWT-SVID of SPIFFE's helper, the web identity of an EKS pod. It has one variable, `token`. The file is read again
 * after ten seconds, and when the token expires, so a renewed one is used without a restart.
 *
 * The token is a JWT (RFC 7519), and is good until its own `exp`, which is read and not verified. An expired token is
 * `invalid`, and so is what is not a JWT: neither an old identity nor that of a lower store is used instead. A file
 * that does not exist is a miss.
 *
 * @example The web identity of an EKS pod
 * ```ts
 * import { defineChain, fromEnv, required, whenSet } from "@alphaswarm/credentials";
 * import { tokenFile } from "@alphaswarm/credentials/identity";
 * import { sts } from "@alphaswarm/credentials/sts";
 *
 * const chain = defineChain({
 *   stores: {
 *     sts: sts({
 *       priority: 200,
 *       endpoint: "https://sts.eu-west-1.amazonaws.com",
 *       role: fromEnv("AWS_ROLE_ARN"),
 *       webIdentity: "aws:identity",
 *     }),
 *     pod: tokenFile({
 *       priority: 100,
 *       enabled: whenSet("AWS_WEB_IDENTITY_TOKEN_FILE"),
 *       path: fromEnv("AWS_WEB_IDENTITY_TOKEN_FILE"),
 *     }),
 *   },
 *   credentials: {
 *     "aws:identity": {
 *       fields: { token: required() },
 *       from: { pod: { fields: { token: "token" } } },
 *     },
 *     "aws:keys": {
 *       fields: {
 *         access_key: required(),
 *         secret_key: required(),
 *         session_token: required(),
 *       },
 *       from: { sts: true },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export const tokenFile: StoreFactory<"variables", TokenFileOptions> = /* @__PURE__ */ storeKind({
  kind: "tokenFile",
  shape: variables,
  recheck: 10_000,
  readsFiles: true,
  onIncomplete: "stop",
  ambient: true,
  local: true,
  uses: [runtimeFiles],
  options: { path: "string|object", sync: "boolean|undefined" } satisfies OptionTypes<TokenFileOptions>,
  checks: { path: pathProblem },
  checkMapping: ({ reads }, _, complain) => {
    for (const name of reads) if (name !== "token") complain("", `Has no "${name}": expected "token" in fields`);
  },
  shows: ["path"],
  permissions: (_, { path }) => ({ read: readPermission("path", path).read?.map(directoryOf) ?? [] }),
  open: ({ path: given, sync = true }: TokenFileOptions, { files, asyncFiles, clock, declared }) => {
    const source = sync ? files : asyncFiles;
    if (!source) return undefined;
    const path = pathOption("path", given, declared.path);
    if (isRefusal(path)) return path;
    const shown = declared.path ?? path;
    const directory = { path: directoryOf(path), declared: directoryOf(shown), file: shown, ...runtimePaths };
    const read = readerIn(source, directory);
    const { name: file } = splitPath(path, runtimePaths.onWindows());
    return (_, context) =>
      andThen(
        read(file, context),
        (text) => typeof text === "string" ? current(withoutLineBreak(text), shown, clock.now()) : text,
      );
  },
});

// Hint: the file may be a link to what Kubernetes replaces beside it. Of a path in a variable, only the variable's name
// is known.
/** Returns the directory of a file, for a reader and as a permission. */
function directoryOf(path: string): string {
  if (path.startsWith("$")) return `${path}/..`;
  return splitPath(path, runtimePaths.onWindows()).directory;
}

/** Returns a token with its expiry, or a refusal if it must not be used. */
function current(token: string, shown: string, now: number): Answered<string> | Refusal {
  const expiresAt = jwtExpiry(token);
  // Hint: a file that is rewritten in place may have been read halfway.
  if (expiresAt === undefined) return invalid(`${shown} is not a JWT with an expiry (exp)`, { transient: true });
  if (now < expiresAt) return answer(token, { expiresAt });
  const minutes = Math.max(1, Math.round((now - expiresAt) / MINUTE));
  return invalid(
    `the token in ${shown} expired ${minutes} min ago: renew the file, or correct this machine's clock`,
    { transient: true },
  );
}

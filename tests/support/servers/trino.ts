import type { OidcProvider } from "./oidc_provider.ts";
import { createSelfSigned } from "./self_signed.ts";
import { startService } from "./service_process.ts";

/** What the server process is told. */
export interface TrinoOptions {
  /** The issuer of the tokens, and where its keys are. */
  readonly issuer: string;
  readonly keys: string;
  /** What Trino identifies itself with, as PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** What the server process tells its starter. */
export interface TrinoReady {
  /** Its address, for a client. */
  readonly url: string;
  /** The process id of the coordinator. */
  readonly javaPid: number;
}

/** A running Trino that lets in whoever has a token for `urn:alphaswarm:trino`. */
export interface Trino extends TrinoReady, AsyncDisposable {
  /** The certificate that a client has to trust, as PEM. */
  readonly certificate: string;
  /** Ends the coordinator, and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts Trino on free ports of the loopback address, and makes it trust an OpenID provider.
 *
 * @param options The provider whose tokens it takes.
 * @returns The running coordinator.
 * @throws {Error} If it could not start; `javaInstalled` says whether it can.
 *
 * @example
 * ```ts
 * await using oidc = await startOidcProvider();
 * await using trino = await startTrino({ oidc });
 * ```
 */
export async function startTrino({ oidc: { issuer } }: { readonly oidc: OidcProvider }): Promise<Trino> {
  const { jwks_uri: keys } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const { cert: certificate, key } = await createSelfSigned("localhost");
  const options: TrinoOptions = { issuer, keys, certificate, key };
  const { ready, stop } = await startService<TrinoReady>(new URL("./trino_server.ts", import.meta.url), options);
  return { ...ready, certificate, stop, [Symbol.asyncDispose]: stop };
}

import type { OidcProvider } from "./oidc_provider.ts";
import { createSelfSigned } from "./self_signed.ts";
import { startService } from "./service_process.ts";

/** The options of the server process. */
export interface TrinoOptions {
  /** The issuer of the tokens. */
  readonly issuer: string;
  /** The URL of the issuer's keys. */
  readonly keys: string;
  /** The certificate of Trino, as PEM. */
  readonly certificate: string;
  /** The key of the certificate, as PEM. */
  readonly key: string;
}

/** What the server process reports when it is ready. */
export interface TrinoReady {
  /** Its URL. */
  readonly url: string;
  /** The process id of the coordinator. */
  readonly javaPid: number;
}

/** A running Trino that accepts tokens for `urn:alphaswarm:trino`. */
export interface Trino extends TrinoReady, AsyncDisposable {
  /** The certificate that clients must trust, as PEM. */
  readonly certificate: string;
  /** Stops the coordinator, and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts Trino on free ports of the loopback address, which trusts an OpenID provider.
 *
 * @param options The provider whose tokens it accepts.
 * @returns The running coordinator.
 * @throws {Error} If it cannot be got, or does not start.
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

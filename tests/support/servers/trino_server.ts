import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { getServer, TRINO } from "./get/servers.ts";
import { runService, type Service } from "./service_main.ts";
import type { TrinoOptions, TrinoReady } from "./trino.ts";

/** How long the coordinator may take to start. */
const START_TIMEOUT_MS = 120_000;
/** Maven Central has no artifact with a main class for Trino. */
const MAIN = `public class Main {
  public static void main(String[] arguments) { new io.trino.server.Server().start("${TRINO}"); }
}
`;

await runService(async (options: TrinoOptions): Promise<Service> => {
  const jars = await getServer("trino");
  const home = await Deno.makeTempDir({ prefix: "trino-" });
  const [http = 0, https = 0] = freePorts(2);
  for (const name of ["catalog", "plugin", "data"]) await Deno.mkdir(`${home}/${name}`);
  await Deno.writeTextFile(`${home}/Main.java`, MAIN);
  await Deno.writeTextFile(`${home}/server.pem`, `${options.key}\n${options.certificate}`);
  await Deno.writeTextFile(`${home}/config.properties`, configuration(home, { http, https }, options));
  await Deno.writeTextFile(`${home}/hosts`, `127.0.0.1 localhost ${Deno.hostname()}\n`);
  const properties = {
    "jdk.attach.allowAttachSelf": "true",
    // Hint: Trino looks its own host up by name, which a container may not be able to resolve.
    "jdk.net.hosts.file": `${home}/hosts`,
    "config": `${home}/config.properties`,
    "catalog.config-dir": `${home}/catalog`,
    "node.data-dir": `${home}/data`,
    "node.environment": "tests",
    "node.id": "tests",
    "plugin.dir": `${home}/plugin`,
  };
  const memory = ["-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const settings = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  const daemon = new Daemon("java", ...memory, ...settings, "-cp", `${jars}/*`, `${home}/Main.java`);
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await Deno.remove(home, { recursive: true });
  };
  try {
    const url = `https://localhost:${https}`;
    await waitForStart(url, options.certificate, daemon);
    const ready: TrinoReady = { url, javaPid: daemon.pid };
    return { ready, methods: {}, stop };
  } catch (error) {
    await stop();
    throw error;
  }
});

interface Ports {
  readonly http: number;
  readonly https: number;
}

function configuration(home: string, { http, https }: Ports, { issuer, keys }: TrinoOptions): string {
  return `coordinator=true
node-scheduler.include-coordinator=true
discovery.uri=http://127.0.0.1:${http}
http-server.http.port=${http}
http-server.log.enabled=false
http-server.https.enabled=true
http-server.https.port=${https}
http-server.https.keystore.path=${home}/server.pem
http-server.authentication.type=JWT
http-server.authentication.jwt.key-file=${keys}
http-server.authentication.jwt.required-audience=urn:alphaswarm:trino
http-server.authentication.jwt.required-issuer=${issuer}
internal-communication.shared-secret=${crypto.randomUUID()}
`;
}

async function waitForStart(url: string, certificate: string, daemon: Daemon): Promise<void> {
  using client = Deno.createHttpClient({ caCerts: [certificate] });
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const info = await fetch(`${url}/v1/info`, { client }).then((answer) => answer.json(), () => undefined);
    if (info?.starting === false) return;
    if (daemon.ended !== undefined) throw new Error(`Cannot start Trino: ${daemon.ended}`);
    if (Date.now() > deadline) throw new Error("Cannot start Trino in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

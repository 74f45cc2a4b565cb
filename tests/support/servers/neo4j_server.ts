import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { getServer } from "./get/servers.ts";
import type { Neo4jReady } from "./neo4j.ts";
import { runService, type Service } from "./service_main.ts";

/** How long the database may take to start. */
const START_TIMEOUT_MS = 120_000;
const STARTED_MARKER = "Started.";

await runService(async (): Promise<Service> => {
  const jars = await getServer("neo4j");
  const home = await Deno.makeTempDir({ prefix: "neo4j-" });
  const [port = 0] = freePorts(1);
  await Deno.writeTextFile(`${home}/neo4j.conf`, configuration(port));
  const memory = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const main = ["org.neo4j.server.CommunityEntryPoint", `--home-dir=${home}`, `--config-dir=${home}`];
  const daemon = new Daemon("java", ...memory, "-cp", `${jars}/*`, ...main);
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await Deno.remove(home, { recursive: true });
  };
  try {
    await waitForStart(`${home}/logs/neo4j.log`, daemon);
    const ready: Neo4jReady = { url: `bolt://127.0.0.1:${port}`, javaPid: daemon.pid };
    return { ready, methods: {}, stop };
  } catch (error) {
    await stop();
    throw error;
  }
});

function configuration(port: number): string {
  return `server.bolt.listen_address=127.0.0.1:${port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size=16m
dbms.usage_report.enabled=false
`;
}

async function waitForStart(log: string, daemon: Daemon): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const output = await Deno.readTextFile(log).catch(() => "");
    if (output.includes(STARTED_MARKER)) return;
    if (daemon.ended !== undefined) throw new Error(`Cannot start Neo4j: ${daemon.ended}\n${output}`);
    if (Date.now() > deadline) throw new Error(`Cannot start Neo4j in time: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

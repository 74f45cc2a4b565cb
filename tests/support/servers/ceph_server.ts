import { cephConfig } from "./ceph_config.ts";
import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { runService, type Service } from "./service_main.ts";
import type { CephAdmin, CephReady } from "./ceph.ts";

/** How long the gateway may take to accept connections. */
const START_TIMEOUT_MS = 30_000;

await runService(async ({ accessKey, secretKey }: CephAdmin): Promise<Service> => {
  const directory = await Deno.makeTempDir({ prefix: "ceph-" });
  const daemons: Daemon[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.toReversed().map((daemon) => daemon.stop()));
    await Deno.remove(directory, { recursive: true });
  };
  try {
    const [monPort = 0, gatewayPort = 0] = freePorts(2);
    const location = { directory, id: crypto.randomUUID(), monPort, gatewayPort };
    const config = `${directory}/ceph.conf`;
    await Deno.writeTextFile(config, cephConfig(location));
    for (const name of ["mon", "osd", "rgw"]) await Deno.mkdir(`${directory}/${name}`);
    const disk = crypto.randomUUID();
    const map = `${directory}/monmap`;

    await run(
      "monmaptool",
      "--create",
      "--fsid",
      location.id,
      "--addv",
      "a",
      `[v2:127.0.0.1:${location.monPort}]`,
      map,
    );
    await run("ceph-mon", "--conf", config, "--id", "a", "--mkfs", "--monmap", map);
    daemons.push(new Daemon("ceph-mon", "--conf", config, "--id", "a", "--foreground"));
    await run("ceph", "--conf", config, "--connect-timeout", "20", "osd", "new", disk, "0");
    await run("ceph-osd", "--conf", config, "--id", "0", "--mkfs", "--osd-uuid", disk);
    daemons.push(new Daemon("ceph-osd", "--conf", config, "--id", "0", "--foreground"));
    daemons.push(new Daemon("radosgw", "--conf", config, "--name", "client.rgw", "--foreground"));
    await waitForPort(location.gatewayPort, daemons);
    const user = ["user", "create", "--uid", "admin", "--display-name", "admin"];
    const keys = ["--access-key", accessKey, "--secret", secretKey];
    const caps = ["--caps", "oidc-provider=*;roles=*;user-policy=*"];
    await run("radosgw-admin", "--conf", config, ...user, ...keys, ...caps);

    const ready: CephReady = {
      endpoint: `http://127.0.0.1:${location.gatewayPort}`,
      pids: daemons.map(({ pid }) => pid),
      directory,
    };
    return { ready, methods: {}, stop };
  } catch (error) {
    await stop();
    throw error;
  }
});

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  if (!success) throw new Error(`Cannot run "${program}": ${new TextDecoder().decode(stderr).trim().slice(-2_048)}`);
}

async function waitForPort(port: number, daemons: readonly Daemon[]): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (true) {
    const ended = daemons.find((daemon) => daemon.ended !== undefined)?.ended;
    if (ended !== undefined) throw new Error(`Cannot start Ceph: ${ended}`);
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch {
      if (Date.now() > deadline) throw new Error("Cannot start Ceph: the gateway accepted no connection in time");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

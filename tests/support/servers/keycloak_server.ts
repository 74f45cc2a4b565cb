import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { keycloakCommand } from "./get/keycloak.ts";
import { getServer } from "./get/servers.ts";
import type { KeycloakReady } from "./keycloak.ts";
import { runService, type Service } from "./service_main.ts";
import { waitForAnswer } from "./wait_for_answer.ts";

/** How long Keycloak may take to start. */
const START_TIMEOUT_MS = 300_000;
/** What a home has of the distribution as it is; its own is the database. */
const SHARED = ["bin", "conf", "lib", "providers", "themes", "version.txt"];
const DATABASE = "data/h2/keycloakdb.mv.db";

await runService(async (): Promise<Service> => {
  const distribution = await getServer("keycloak");
  const home = await Deno.makeTempDir({ prefix: "keycloak-" });
  const [port = 0] = freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  for (const name of SHARED) await Deno.symlink(`${distribution}/${name}`, `${home}/${name}`);
  await Deno.mkdir(`${home}/data/h2`, { recursive: true });
  await Deno.copyFile(`${distribution}/${DATABASE}`, `${home}/${DATABASE}`);
  const [program = "", ...args] = await keycloakCommand(distribution, home, [
    ...["start", "--optimized", "--http-enabled=true", "--cache=local"],
    ...["--http-host=127.0.0.1", `--http-port=${port}`, `--hostname=${url}`],
  ]);
  let daemon: Daemon | undefined;
  const start = async (): Promise<void> => {
    daemon = new Daemon(program, ...args);
    await waitForAnswer("Keycloak", `${url}/realms/master`, daemon, START_TIMEOUT_MS);
  };
  const stop = async (): Promise<void> => {
    await daemon?.stop();
    await Deno.remove(home, { recursive: true });
  };
  const signal = (name: Deno.Signal) => () => Deno.kill(daemon!.pid, name);
  const methods = {
    javaPid: () => daemon!.pid,
    pause: signal("SIGSTOP"),
    resume: signal("SIGCONT"),
    restart: async () => {
      // Hint: a kill loses what was changed in the last half second.
      await daemon!.shutDown();
      await start();
    },
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  const ready: KeycloakReady = { url, directory: home };
  return { ready, methods, stop };
});

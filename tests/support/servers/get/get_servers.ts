import { getServer, hasServer, type ServerName, serverNames, serverTitle, whatLacks } from "./servers.ts";

const MAX_REASON_CHARACTERS = 400;

/**
 * Gets all servers that are not there, and says of each whether it was, how long it took, or why it could not be had.
 *
 * @param print Prints a part of a line.
 * @returns Why getting them failed, by their names, of those whose packages are installed.
 */
export async function getServers(print: (text: string) => void): Promise<Partial<Record<ServerName, string>>> {
  const missing: Partial<Record<ServerName, string>> = {};
  for (const name of serverNames) {
    print(`${serverTitle(name)}: `);
    const start = performance.now();
    const there = hasServer(name);
    try {
      await getServer(name);
      print(there ? "there\n" : `${((performance.now() - start) / 1_000).toFixed(1)} s\n`);
    } catch (error) {
      const reason = (error as Error).message.replace(/\s+/g, " ").trim().slice(0, MAX_REASON_CHARACTERS);
      // Hint: what is not installed, the tests find out themselves, and say it once for all servers of a test.
      if (whatLacks([name]) === undefined) missing[name] = `${reason}; to try again: deno task test:slow`;
      print(`${reason}\n`);
    }
  }
  return missing;
}

import { getJava } from "./get/java.ts";
import { getServer } from "./get/servers.ts";

/** Reads properties from standard input, as Trino does for a catalog, and prints those that nothing in Trino has. */
const MAIN = `import io.airlift.configuration.*;
import java.util.*;

public class Main {
  public static void main(String[] classes) throws Exception {
    var read = new Properties();
    read.load(System.in);
    var properties = new TreeMap<String, String>();
    read.forEach((name, value) -> properties.put((String) name, (String) value));
    var factory = new ConfigurationFactory(properties);
    for (var name : classes) factory.build(Class.forName(name));
    factory.getUsedProperties().forEach(property -> properties.remove(property.name()));
    properties.keySet().forEach(System.out::println);
  }
}
`;
const CLASSES = ["IcebergRestCatalogConfig", "OAuth2SecurityConfig"];

/**
 * Checks the properties of a REST catalog by the classes with which Trino's Iceberg connector reads them. The Trino of
 * `startTrino` is older than some of the properties, and has no connector.
 *
 * @param properties The properties, by name.
 * @returns The names that Trino does not have, for which it refuses a catalog.
 * @throws {Error} If a value is not valid, or the classes cannot be got.
 */
export async function unknownTrinoProperties(properties: Readonly<Record<string, string>>): Promise<string[]> {
  const [java, jars] = [await getJava(25), await getServer("trino-iceberg")];
  const home = await Deno.makeTempDir({ prefix: "trino-" });
  try {
    await Deno.writeTextFile(`${home}/Main.java`, MAIN);
    const classes = CLASSES.map((name) => `io.trino.plugin.iceberg.catalog.rest.${name}`);
    const args = ["-XX:TieredStopAtLevel=1", "-cp", `${jars}/*`, `${home}/Main.java`, ...classes];
    const command = new Deno.Command(java, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
    await new Blob(lines).stream().pipeTo(command.stdin);
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`Trino refuses the properties: ${decoder.decode(stderr).slice(0, 2_048)}`);
    return decoder.decode(stdout).split("\n").filter((line) => line !== "");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

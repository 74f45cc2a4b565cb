import { getJava } from "./get/java.ts";
import { getServer } from "./get/servers.ts";
import { runJava } from "./java_program.ts";

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
  const args = CLASSES.map((name) => `io.trino.plugin.iceberg.catalog.rest.${name}`);
  const program = { java: await getJava(25), jars: await getServer("trino-iceberg"), source: MAIN, args };
  return await runJava(program, properties);
}

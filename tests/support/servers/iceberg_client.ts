import { getJava } from "./get/java.ts";
import { getServer } from "./get/servers.ts";
import { runJava } from "./java_program.ts";

/** Lists the namespaces of the catalog that properties on standard input name, again and again for some milliseconds. */
const MAIN = `import java.util.*;
import org.apache.iceberg.catalog.*;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.rest.*;

public class Main {
  public static void main(String[] arguments) throws Exception {
    var read = new Properties();
    read.load(System.in);
    var properties = new TreeMap<String, String>();
    read.forEach((name, value) -> properties.put((String) name, (String) value));
    try (var catalog = new RESTSessionCatalog(
        config -> HTTPClient.builder(config).uri(config.get("uri")).build(), (context, config) -> new InMemoryFileIO())) {
      catalog.initialize("tests", properties);
      var end = System.currentTimeMillis() + Long.parseLong(arguments[0]);
      var context = SessionCatalog.SessionContext.createEmpty();
      var namespaces = catalog.listNamespaces(context, Namespace.empty());
      while (System.currentTimeMillis() < end) namespaces = catalog.listNamespaces(context, Namespace.empty());
      namespaces.forEach(System.out::println);
    }
  }
}
`;

/** What Iceberg's client for Java connects to, and for how long. */
export interface IcebergClientOptions {
  /** The URL of the catalog, without `/v1`. */
  readonly catalog: string;
  /** The name of its warehouse. */
  readonly warehouse?: string;
  /** For how long it makes requests, in milliseconds; default only once. */
  readonly ms?: number;
}

/**
 * Lists the namespaces of a catalog with Iceberg's client for Java, on which Spark, Flink and Trino rely.
 *
 * @param options The catalog.
 * @param properties The properties that authenticate.
 * @returns The namespaces.
 * @throws {Error} If the client fails, or cannot be got.
 */
export async function namespacesByJava(
  { catalog, warehouse, ms = 0 }: IcebergClientOptions,
  properties: Readonly<Record<string, string>>,
): Promise<string[]> {
  const program = { java: await getJava(17), jars: await getServer("iceberg"), source: MAIN, args: [`${ms}`] };
  return await runJava(program, { uri: catalog, ...warehouse !== undefined && { warehouse }, ...properties });
}

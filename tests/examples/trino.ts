/**
 * The `trino-client` client with the current credential: runs a query.
 *
 * `deno run -A tests/examples/trino.ts https://trino.example "SELECT 1"`
 *
 * @module
 */
import { getResolver, perCredential } from "@alphaswarm/credentials";
import { Trino } from "npm:trino-client@^0.2.9";
import chain from "../../chain.config.ts";

const [server = "http://127.0.0.1:8080", query = "SELECT 1"] = Deno.args;

// The client is rebuilt only when the credential changes: get it before each query.
const trino = perCredential(getResolver(chain), "trino:basic", (credential) => {
  const token = credential.get("token") ?? credential.get("access_token");
  return Trino.create({
    server,
    source: credential.get("source") ?? "alphaswarm",
    extraHeaders: {
      "X-Trino-User": credential.get("user"),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
  });
});

for await (const { data, error } of await (await trino()).query(query)) {
  if (error) throw new Error(error.message);
  for (const row of data ?? []) console.log(JSON.stringify(row));
}

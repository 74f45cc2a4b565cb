/**
 * Follows redirects with `credentialFetch` on the current runtime.
 *
 * @module
 */
import { createResolver, defineChain, memory, required } from "../../../mod.ts";
import { credentialFetch } from "../../../src/clients/fetch.ts";

/**
 * Requests each path of a service twice: with a bearer token, and with a key in another header.
 *
 * @param service The service's URL.
 * @param paths The paths.
 * @returns The text of each response, or the message of its error.
 */
export async function visits(service: string, paths: readonly string[]): Promise<readonly string[]> {
  const chain = defineChain({
    stores: { memory: memory({ priority: 100, values: { token: "fake-token", api_key: "fake-key" } }) },
    credentials: {
      "api:bearer": { fields: { token: required(), api_key: required() }, from: { memory: { prefix: "" } } },
    },
  });
  const resolver = createResolver(chain);
  const bearer = credentialFetch(resolver, "api:bearer");
  const apiKey = credentialFetch(resolver, "api:bearer", { header: (cred) => ["x-api-key", cred.get("api_key")] });
  const init = { method: "POST", body: "a=b", headers: { cookie: "fake-cookie", "content-type": "text/plain" } };
  const results: string[] = [];
  for (const path of paths) {
    for (const send of [bearer, apiKey]) {
      results.push(await send(service + path, init).then((answer) => answer.text(), ({ message }: Error) => message));
    }
  }
  return results;
}

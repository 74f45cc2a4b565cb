/**
 * The `minio` client with the current credential: lists a bucket.
 *
 * `deno run -A tests/examples/minio.ts alphaswarm`
 *
 * @module
 */
import { getResolver, perCredential } from "@alphaswarm/credentials";
import { Client } from "npm:minio@^8.0.7";
import chain from "../../chain.config.ts";

// The client is rebuilt only when the credential changes: get it before each use.
const minio = perCredential(getResolver(chain), "minio:static", (credential) => {
  const { hostname, port, protocol } = new URL(credential.get("endpoint_url") ?? "http://127.0.0.1:9000");
  return new Client({
    endPoint: hostname,
    useSSL: protocol === "https:",
    ...(port ? { port: Number(port) } : {}),
    region: credential.get("region"),
    accessKey: credential.get("access_key"),
    secretKey: credential.get("secret_key"), // and `sessionToken: credential.get("session_token")` of "minio:sts"
  });
});

const [bucket = "alphaswarm"] = Deno.args;
for await (const { name } of (await minio()).listObjectsV2(bucket, "", true)) console.log(name);

import chain from "/tmp/wt/refs/chain.config.ts";
import { createResolver } from "/tmp/wt/refs/mod.ts";
import { persist } from "/tmp/wt/refs/src/bootstrap/mod.ts";
for (const before of [undefined, '{"status":"success","accessKey":"a","secretKey":"b"}', '{"access_key":"a","secret_key":"b","region":"x"}', '{"accessKey":"a","secretKey":"b","region":"x"}']) {
  const dir = Deno.makeTempDirSync();
  if (before) Deno.writeTextFileSync(dir + "/minio-service-account.json", before);
  const r = createResolver(chain, { env: { ALPHASWARM_BOOTSTRAP_STATE_DIR: dir } });
  if (before) console.log((await r.resolve("minio:static")).get("region"));
  await persist(r, "minio:static", { access_key: "n", secret_key: "m", region: "eu" } as never).then(() => console.log(Deno.readTextFileSync(dir + "/minio-service-account.json")), (e) => console.log(e.message));
}

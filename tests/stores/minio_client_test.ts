import { assertEquals } from "@std/assert";
import { createResolver, defineChain, destination, file, required } from "../../mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";

// The configuration that MinIO's client writes to ~/.mc/config.json; the values are fake.
const CONFIG = {
  version: "10",
  aliases: {
    local: {
      url: "http://localhost:9000",
      accessKey: "",
      secretKey: "",
      api: "S3v4",
      path: "auto",
    },
    "team/store": {
      url: "https://store.example:9000",
      accessKey: "not-a-key",
      secretKey: "not/a+secret=",
      api: "S3v4",
      path: "auto",
    },
  },
};

Deno.test("the keys and the URL of an alias are read from the configuration of MinIO's client", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/config.json`, JSON.stringify(CONFIG, null, "\t"));
  const mapping = (alias: string) => ({
    document: "config.json",
    fields: {
      access_key: `/aliases/${alias}/accessKey`,
      secret_key: `/aliases/${alias}/secretKey`,
      endpoint_url: `/aliases/${alias}/url`,
    },
  });
  const fields = { access_key: required(), secret_key: required(), endpoint_url: destination() };
  const chain = defineChain({
    stores: { mc: file({ priority: 1, directory: path }) },
    credentials: {
      "minio:team": { fields, from: { mc: mapping("team~1store") } },
      "minio:local": { fields, from: { mc: mapping("local") } },
      "minio:absent": { fields, from: { mc: mapping("absent") } },
    },
  });
  const resolver = createResolver(chain);
  const credential = await resolver.resolve("minio:team");
  assertEquals(credential.fields.map((name) => credential.get(name as "access_key")), [
    "not-a-key",
    "not/a+secret=",
    "https://store.example:9000",
  ]);
  assertEquals((await rejection(resolver.resolve("minio:local"))).code, "incomplete");
  assertEquals(await resolver.find("minio:absent"), undefined);
  remove();
});

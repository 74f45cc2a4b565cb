import { assertEquals } from "@std/assert";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import { MOTO_REGION, type MotoKeys, startMoto } from "../support/servers/moto.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

const TARGET = "secretsmanager.GetSecretValue";

serverTest("the secrets of moto are given to nobody whose keys, body or permission are wrong", ["moto"], async () => {
  await using moto = await startMoto();
  await moto.putSecret("kept", "not-a-secret-text");
  const reader = await moto.createUser("reader", [TARGET.replace(".", ":")]);
  const stranger = await moto.createUser("stranger", ["ssm:GetParameter"]);
  const ask = async (keys: MotoKeys, body = `{"SecretId":"kept"}`, sent = body) => {
    const client = new AwsClient({
      accessKeyId: keys.access_key,
      secretAccessKey: keys.secret_key,
      service: "secretsmanager",
      region: MOTO_REGION,
    });
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET };
    const signed = await client.sign(moto.url, { method: "POST", headers, body });
    const response = await fetch(moto.url, { method: "POST", headers: signed.headers, body: sent });
    const { SecretString, __type } = await response.json();
    return SecretString ?? `${response.status} ${__type}`;
  };
  assertEquals(await ask(reader), "not-a-secret-text");
  assertEquals(await ask({ ...reader, secret_key: `${reader.secret_key}x` }), "400 InvalidSignatureException");
  assertEquals(await ask(reader, `{"SecretId":"gone"}`, `{"SecretId":"kept"}`), "400 InvalidSignatureException");
  assertEquals(await ask({ ...reader, access_key: "AKIANOTAKEY" }), "400 UnrecognizedClientException");
  assertEquals(await ask(stranger), "400 AccessDeniedException");
});

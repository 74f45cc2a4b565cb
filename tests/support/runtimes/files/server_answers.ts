import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { createResolver, defineChain, memory, required } from "../../../../mod.ts";
import { oauth2 } from "../../../../src/stores/oauth2/oauth2.ts";
import { sts } from "../../../../src/stores/sts/sts.ts";
import { expect, expectEqual } from "../expect.ts";
import type { Checks } from "../table.ts";

const TOKEN = JSON.stringify({ access_token: "not-a-secret".repeat(300), token_type: "Bearer", expires_in: 3_600 });
const KEYS = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>" +
  `<AccessKeyId>not-a-secret</AccessKeyId><SecretAccessKey>${"not-a-secret".repeat(300)}</SecretAccessKey>` +
  "<SessionToken>not-a-secret</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>" +
  "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";

/** The headers and the bytes of an answer that was cut off, by what is wrong with it. */
const CUTS: Readonly<Record<string, (body: string) => readonly [headers: readonly string[], bytes: Uint8Array]>> = {
  "shorter than its length": (body) => [[`content-length: ${body.length}`], half(bytesOf(body))],
  "in the middle of its chunks": (body) => [["transfer-encoding: chunked"], bytesOf(`a\r\n${body.slice(0, 10)}\r\n`)],
  "without a length": (body) => [[], half(bytesOf(body))],
  "in gzip": (body) => {
    const packed = half(gzipSync(body));
    return [["content-encoding: gzip", `content-length: ${packed.length}`], packed];
  },
  "in gzip without a length": (body) => [["content-encoding: gzip"], half(gzipSync(body))],
};

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function half(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length / 2);
}

/** Serves one answer on a socket, and closes the connection after it. */
async function withServer(
  headers: readonly string[],
  bytes: Uint8Array,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(["HTTP/1.1 200 OK", "content-type: application/json", ...headers, "", ""].join("\r\n"));
      socket.end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
  } finally {
    server.close();
  }
}

function resolverOf(url: string) {
  return createResolver(defineChain({
    stores: {
      m2m: oauth2({ priority: 3, tokenEndpoint: url, client: "m2m:client" }),
      sts: sts({ priority: 2, endpoint: url, webIdentity: "m2m:client" }),
      memory: memory({
        priority: 1,
        values: { client_id: "id", client_secret: "not-a-secret", token: "not-a-secret" },
      }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required(), token: required() },
        from: { memory: { prefix: "" } },
      },
      "api:token": { fields: { access_token: required() }, from: { m2m: true } },
      "s3:keys": { fields: { secret_key: required() }, from: { sts: true } },
    },
  }));
}

const DEEP = "[".repeat(30_000) + "]".repeat(30_000);
/** How long an answer of 64 KiB may take, in milliseconds; one that blocks takes many times as long. */
const MAX_ANSWER_MS = 2_000;

/** Answers of token servers, on real sockets. */
export const serverAnswerChecks: Checks = {
  "an answer that is nested deep does not block the process": async () => {
    const others = [TOKEN.replace("}", `,"deep":${DEEP}}`), `{"error":${DEEP}}`, DEEP, DEEP.slice(0, 30_000)];
    for (const [at, body] of others.entries()) {
      const bytes = bytesOf(body);
      await withServer([`content-length: ${bytes.length}`], bytes, async (url) => {
        const began = performance.now();
        const result = await resolverOf(url).resolve("api:token").then(({ source }) => source, ({ code }) => code);
        expectEqual(result, at === 0 ? "m2m" : "invalid", `the result of answer ${at}`);
        expect(performance.now() - began < MAX_ANSWER_MS, `Expected answer ${at} within ${MAX_ANSWER_MS} ms`);
      });
    }
  },

  "an answer that was cut off is an outage that passes by itself": async () => {
    for (const [key, body] of [["api:token", TOKEN], ["s3:keys", KEYS]] as const) {
      for (const [what, cut] of Object.entries(CUTS)) {
        await withServer(...cut(body), async (url) => {
          const { code } = await resolverOf(url).resolve(key).catch((error) => error);
          expectEqual(code, "unavailable", `the code of ${key} ${what}`);
        });
      }
    }
  },
};

import { assertEquals } from "@std/assert";
import { generate } from "npm:selfsigned@^5";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:tls";
import { boundedFetch } from "../../../src/core/runtime/bounded_fetch.ts";
import { bundleProgram, runProgram } from "../../support/programs/run_program.ts";
import { listen } from "../../support/servers/listen.ts";

/** What a store says where `fetch` throws this. */
function detailOf(thrown: unknown): Promise<string> {
  return boundedFetch(() => Promise.reject(thrown))("https://own.example/?key=not-a-secret").then(
    () => "no refusal",
    ({ outcome, detail }) => `${outcome}: ${detail.replace("no connection to the server", "none")}`,
  );
}

const coded = (code: string) => Object.assign(new Error("not-a-secret"), { code });
const wrapped = (cause: unknown) => new TypeError("fetch failed", { cause });
/** The error of Deno, whose causes have a message alone. */
const deno = (rest: string, url = "https://own.example/?key=not-a-secret") =>
  wrapped(new Error(`error sending request for url (${url}): client error (Connect): ${rest}`));

/** What Node 20 to 26 and Bun 1.4 gave on real sockets, by the words for it. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  "the connection was refused": ["ECONNREFUSED"],
  "the host name was not found": ["ENOTFOUND", "EAI_AGAIN"],
  "the host is unreachable": ["EHOSTUNREACH", "ENETUNREACH"],
  "the connection was closed": ["ECONNRESET", "UND_ERR_SOCKET", "EPIPE"],
  "connecting took too long": ["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT"],
  "the certificate has expired": ["CERT_HAS_EXPIRED"],
  "the certificate is not valid yet": ["CERT_NOT_YET_VALID"],
  "the certificate is for another host": ["ERR_TLS_CERT_ALTNAME_INVALID"],
  "the certificate is not trusted": [
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "CA_MD_TOO_WEAK",
  ],
  "the TLS handshake failed": ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "EPROTO"],
  "the proxy refused it": ["ERR_PROXY_TUNNEL"],
  "the answer is not HTTP": ["HPE_INVALID_CONSTANT", "HPE_CLOSED_CONNECTION"],
};

/** What Deno 2.9 gave, after the URL. */
const MESSAGES: Readonly<Record<string, readonly string[]>> = {
  "the connection was refused": [
    "tcp connect error: Connection refused (os error 111)",
    "tcp connect error: No connection could be made because the target machine actively refused it. (os error 10061)",
  ],
  "the host name was not found": [
    "dns error: failed to lookup address information: Name or service not known",
    "dns error: failed to lookup address information: nodename nor servname provided, or not known",
  ],
  "the host is unreachable": [
    "tcp connect error: No route to host (os error 113)",
    "tcp connect error: Network is unreachable (os error 101)",
  ],
  "the connection was closed": ["Connection reset by peer (os error 104)"],
  "connecting took too long": ["tcp connect error: Connection timed out (os error 110)"],
  "the certificate has expired": [
    "invalid peer certificate: certificate expired: verification time 1795709447 (UNIX), but certificate is not valid " +
    "after 1580515200 (215194247 seconds ago)",
  ],
  "the certificate is not valid yet": [
    "invalid peer certificate: certificate not valid yet: verification time 1795709447 (UNIX), but certificate is not " +
    "valid before 2524608000 (728898553 seconds in future)",
  ],
  "the certificate is for another host": [
    'invalid peer certificate: certificate not valid for name "expired.example"; certificate is only valid for ' +
    'DnsName("refused.example")',
  ],
  "the certificate is not trusted": ["invalid peer certificate: UnknownIssuer"],
  "the TLS handshake failed": [
    "received corrupt message of type InvalidContentType",
    "received fatal alert: ProtocolVersion",
    "received fatal alert: CertificateRequired",
    "tls handshake eof",
  ],
  "the proxy refused it": ["proxy authentication required", "unsuccessful tunnel"],
  "the answer is not HTTP": ["invalid HTTP version parsed"],
};

Deno.test("a store says in fixed words why there is no connection, by the code of the error", async () => {
  for (const [words, codes] of Object.entries(CODES)) {
    for (const code of codes) {
      const expected = `unavailable: none: ${words}`;
      assertEquals([await detailOf(coded(code)), await detailOf(wrapped(coded(code)))], [expected, expected], code);
    }
  }
  // Hint: Node tells of a proxy in the cause of the cause.
  const cancelled = Object.assign(new DOMException("Request was cancelled."), { cause: coded("UND_ERR_ABORTED") });
  assertEquals(await detailOf(wrapped(cancelled)), "unavailable: none: the proxy refused it");
});

Deno.test("a store says why there is no connection on Deno, whose errors have no code", async () => {
  for (const [words, messages] of Object.entries(MESSAGES)) {
    for (const message of messages) assertEquals(await detailOf(deno(message)), `unavailable: none: ${words}`, message);
  }
  const others: [message: string, words: string][] = [
    ["Connection reset by peer (os error 104)", ": the connection was closed"],
    ["received fatal alert: CertificateRequired", ": the TLS handshake failed"],
    [
      "error sending request from 127.0.0.1:53920 for http://own.example/refused (127.0.0.1:80): client error " +
      "(SendRequest): connection closed before message completed",
      ": the connection was closed",
    ],
  ];
  for (const [message, words] of others) {
    assertEquals(await detailOf(wrapped(new Error(message))), `unavailable: none${words}`);
  }
});

Deno.test("neither a URL nor what a host's own fetch throws can make a store say why there is no connection", async () => {
  const forged = "https://refused.example/):%20client%20error%20(Connect):%20dns%20error";
  const cases = [
    deno("something new", forged),
    wrapped(new Error(`error sending request for url (${forged})`)),
    new Error("Connection refused (os error 111)"),
    wrapped(new TypeError("Connection refused (os error 111)")),
    wrapped({ code: "not-a-secret" }),
    wrapped({ code: 111, message: "Connection refused" }),
  ];
  for (const thrown of cases) assertEquals(await detailOf(thrown), "unavailable: none");
});

/** Answers one request with this text, and returns what a store says of it. */
async function detailOfAnswer(text: string): Promise<string> {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const answering = listener.accept().then(async (connection) => {
    await connection.read(new Uint8Array(4_096));
    await connection.write(new TextEncoder().encode(text));
    // Hint: until the client ends the connection, as it does with an answer that it does not read.
    await connection.read(new Uint8Array(1)).catch(() => {});
    connection.close();
  });
  const { outcome, detail } = await boundedFetch(fetch)(`http://127.0.0.1:${listener.addr.port}/?key=not-a-secret`)
    .catch((refusal) => refusal);
  await answering;
  listener.close();
  return `${outcome}: ${detail}`;
}

Deno.test("a store says of an answer that it is not HTTP, or which status it has that HTTP does not have", async () => {
  assertEquals(
    await detailOfAnswer("not-a-secret\r\n\r\n"),
    "unavailable: no connection to the server: the answer is not HTTP",
  );
  const unknown = await detailOfAnswer("HTTP/1.1 999 not-a-secret\r\ncontent-length: 100\r\n\r\nnot-a-secret");
  assertEquals(unknown, "unavailable: the server answered HTTP 999");
});

/** Starts a TLS server with a certificate for another host, and a proxy that opens no tunnel. */
async function startServers() {
  const notAfterDate = new Date(Date.now() + 86_400_000);
  const authority = await generate([{ name: "commonName", value: "Test CA" }], {
    algorithm: "sha256",
    keyType: "ec",
    notAfterDate,
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  const leaf = await generate([{ name: "commonName", value: "other.example" }], {
    algorithm: "sha256",
    keyType: "ec",
    notAfterDate,
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "other.example" }] }],
    ca: { key: authority.private, cert: authority.cert },
  });
  const tls = createTlsServer({ cert: leaf.cert, key: leaf.private }, (socket) => socket.on("error", () => {}));
  const proxy = createServer().on("connect", (_, socket) => {
    socket.on("error", () => {}).end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
  });
  const ca = Deno.makeTempFileSync({ suffix: ".pem" });
  Deno.writeTextFileSync(ca, authority.cert);
  return {
    ca,
    otherHost: `https://localhost:${await listen(tls.on("tlsClientError", () => {}) as never, 0)}/`,
    proxy: `http://127.0.0.1:${await listen(proxy, 0)}`,
    [Symbol.dispose]: () => {
      tls.close();
      proxy.close();
      Deno.removeSync(ca);
    },
  };
}

Deno.test("a store tells a certificate for another host and a proxy that refuses on Deno, Bun and Node", async (t) => {
  using servers = await startServers();
  using program = await bundleProgram("connect_once.ts");
  const none = "no connection to the server";
  type Env = Record<string, string>;
  const runs = {
    deno: (url: string, env: Env) => runProgram("connect_once.ts", [url], { permissions: ["--allow-net"], env }),
    bun: (url: string, env: Env) => program.run("bun", [url], { env }),
    "node-20": (url: string, env: Env) => program.run("node-20", [url], { env }),
    "node-24": (url: string, env: Env) => program.run("node-24", [url], { env }),
  };
  for (const [runtime, run] of Object.entries(runs)) {
    await t.step(runtime, async () => {
      const trusting = { DENO_CERT: servers.ca, NODE_EXTRA_CA_CERTS: servers.ca };
      assertEquals(await run(servers.otherHost, trusting), `${none}: the certificate is for another host`);
      // Hint: Node reads the variable from version 22.21 and 24 on.
      if (runtime === "node-20") return;
      const proxied = { HTTPS_PROXY: servers.proxy, NODE_USE_ENV_PROXY: "1" };
      assertEquals(await run("https://nowhere.invalid/", proxied), `${none}: the proxy refused it`);
    });
  }
});

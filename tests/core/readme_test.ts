import { assertEquals } from "@std/assert";
import { connect } from "node:net";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { validateChain } from "../../src/report/mod.ts";
import shipped from "../../chain.config.ts";
import { problems } from "../support/fixtures/rejection.ts";
import { makeProject } from "../support/packaging/project.ts";
import { Page } from "../support/pages/page.ts";
import { installOnce } from "../support/runtimes/install.ts";
import { listen } from "../support/servers/listen.ts";
import { createSelfSigned } from "../support/servers/self_signed.ts";

const PAGE = new Page("src/core/README.md");
/** A host that no name server knows, so that only the proxy leads to it. */
const HOST = "sso.invalid";

/** Starts a token endpoint that a proxy alone leads to, and that proxy. */
async function startProxied() {
  const { cert, key } = await createSelfSigned(HOST);
  const endpoint = createTlsServer({ cert, key }, (request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"access_token":"not-a-token","token_type":"Bearer","expires_in":3600}');
    });
  });
  const port = await listen(endpoint as never, 0);
  const tunnels: string[] = [];
  const proxy = createServer().on("connect", ({ url = "" }, socket) => {
    tunnels.push(url);
    const upstream = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 Connection Established\r\n\r\n"));
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy()).on("close", () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  const url = `http://127.0.0.1:${await listen(proxy, 0)}`;
  const ca = Deno.makeTempFileSync({ suffix: ".pem" });
  Deno.writeTextFileSync(ca, cert);
  return {
    env: { HTTPS_PROXY: url, NODE_EXTRA_CA_CERTS: ca },
    tunnels,
    [Symbol.dispose]: () => {
      endpoint.closeAllConnections();
      endpoint.close();
      proxy.close();
      Deno.removeSync(ca);
    },
  };
}

Deno.test("on a Node that knows no proxies, the fetch of the core's page obtains a token through one", async () => {
  const modules = await installOnce("undici", { undici: "7.30.2" });
  using servers = await startProxied();
  using project = await makeProject();
  Deno.symlinkSync(`${modules}/undici`, `${project.directory}/node_modules/undici`);
  const snippet = PAGE.snippet("EnvHttpProxyAgent");
  const program = (resolver: string) => `
import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
import { oauth2 } from "@alphaswarm/credentials/oauth2";

const chain = defineChain({
  stores: {
    m2m: oauth2({ priority: 2, tokenEndpoint: "https://${HOST}/token", client: "m2m:client" }),
    env: env({ priority: 1 }),
  },
  credentials: {
    "m2m:client": { fields: { client_id: required(), client_secret: required() }, from: { env: { prefix: "" } } },
    "api:token": { fields: { token: required() }, from: { m2m: { fields: { token: "access_token" } } } },
  },
});
${resolver}
console.log(await resolver.resolve("api:token").then(({ source }) => source, ({ code }) => code));
process.exit();
`;
  const login = { CLIENT_ID: "fake-id", CLIENT_SECRET: "fake-secret" };
  project.write("without.mjs", program("const resolver = getResolver(chain);"));
  project.write("with.mjs", program(snippet));
  const run = (path: string) => project.run("node-20", [path], { ...servers.env, ...login });
  assertEquals([await run("without.mjs"), servers.tunnels], [{ code: 0, out: "unavailable\n", err: "" }, []]);
  assertEquals(await run("with.mjs"), { code: 0, out: "m2m\n", err: "" });
  assertEquals(servers.tunnels, [`${HOST}:443`]);
});

Deno.test("a store that the shipped chain does not have is reported as the core's page shows it", () => {
  const polaris = shipped.credentials["polaris:oauth"];
  const mistaken = {
    ...shipped,
    credentials: { ...shipped.credentials, "polaris:oauth": { ...polaris, from: { ...polaris.from, vault: {} } } },
  };
  const [shown] = PAGE.blocks("A chain", "text");
  assertEquals(problems(() => validateChain(mistaken)), [shown.trimEnd()]);
});

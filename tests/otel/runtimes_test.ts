import { assert, assertEquals, assertMatch } from "@std/assert";
import { freePorts } from "../support/servers/free_ports.ts";
import { makeProject } from "../support/packaging/project.ts";
import { Page } from "../support/pages/page.ts";
import { writePageProgram } from "../support/pages/page_program.ts";
import { installOnce } from "../support/runtimes/install.ts";

/** OpenTelemetry for Node, in pinned versions. */
const SDK = {
  "@opentelemetry/api": "1.10.0",
  "@opentelemetry/exporter-prometheus": "0.301.0",
  "@opentelemetry/sdk-metrics": "3.1.1",
  "@opentelemetry/sdk-trace": "3.1.1",
};
const TOKEN = "planted-token";
const PAGE = new Page("src/otel/README.md");

/** Uses a credential at a server that answers 403, within a span. */
const program = (api: string) => `
import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
import { credentialAttributes, instrument } from "@alphaswarm/credentials/otel";
import { metrics, trace } from ${JSON.stringify(api)};
const resolver = createResolver(defineChain({
  stores: { env: env({ priority: 100 }) },
  credentials: { "search:api": { fields: { key: required() }, from: { env: { prefix: "SEARCH_" } } } },
}));
instrument(resolver, { meter: metrics.getMeter("@alphaswarm/credentials") });
await trace.getTracer("test").startActiveSpan("search", async (span) => {
  for (let at = 0; at < 100; at++) await resolver.resolve("search:api");
  const credential = await resolver.resolve("search:api");
  span.setAttributes(credentialAttributes(credential));
  const answer = await fetch(env_SERVER, { headers: { "x-api-key": credential.get("key") } });
  span.setAttribute("http.response.status_code", answer.status);
  span.end();
});
`;

const WALKS = {
  "credential.key": "search:api",
  "credential.outcome": "found",
  "credential.source": "env",
};
const SPAN = {
  "credential.key": "search:api",
  "credential.source": "env",
  "credential.degraded": false,
  "credential.generation": 1,
  "http.response.status_code": 403,
};

/** Serves a service that answers 403, and a collector that keeps what it gets. */
function serve() {
  const received: { readonly path: string; readonly text: string }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/search") return new Response("no", { status: 403 });
    received.push({ path: pathname, text: await request.text() });
    return Response.json({});
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return { received, url, [Symbol.asyncDispose]: () => server.shutdown() };
}

interface Exported {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Returns attributes as OTLP has them in JSON. */
function attributesOf(attributes: readonly Exported[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => {
    const [text] = Object.values(value);
    return [key, "intValue" in value ? Number(text) : text];
  }));
}

/** Returns the first object with a name, anywhere in data. */
function named(data: unknown, name: string): Record<string, unknown> | undefined {
  if (typeof data !== "object" || data === null) return;
  if ((data as { name?: unknown }).name === name) return data as Record<string, unknown>;
  for (const each of Object.values(data)) {
    const found = named(each, name);
    if (found) return found;
  }
}

Deno.test("Deno exports the metrics and the span by itself, with the variables of the page", async () => {
  await using server = serve();
  const commands = PAGE.first("sh");
  const exports = [...commands.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]);
  assertEquals(exports.map(([name]) => name), ["OTEL_DENO", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT"]);
  const flags = /^deno run (.*) main\.ts$/m.exec(commands)![1]!.split(" ");
  using search = writePageProgram(
    program("npm:@opentelemetry/api@^1.10.0").replace("env_SERVER", `"${server.url}/search"`),
  );
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--no-lock", "--no-prompt", ...flags, search.path],
    env: {
      ...Object.fromEntries(exports),
      OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      SEARCH_KEY: TOKEN,
      NO_COLOR: "1",
    },
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const all = server.received.map(({ text }) => JSON.parse(text));
  const walks = named(all, "credential.walks")!;
  const [point] =
    (walks.sum as { dataPoints: { attributes: Exported[]; asInt?: string; asDouble?: number }[] }).dataPoints;
  assertEquals([walks.unit, Number(point!.asInt ?? point!.asDouble)], ["{walk}", 1]);
  assertEquals(attributesOf(point!.attributes), WALKS);
  assertEquals(attributesOf(named(all, "search")!.attributes as Exported[]), SPAN);
  assert(server.received.every(({ text }) => !text.includes(TOKEN)));
});

Deno.test("Node serves the metrics to Prometheus, and the span has what it used, with the program of the page", async (t) => {
  const modules = await installOnce("otel", SDK);
  const [, install = "", start = ""] = /^npm install (.*)\nnode (--import .*)\n/m.exec(PAGE.text) ?? [];
  assertEquals(install.split(" ").filter((name) => !Object.hasOwn(SDK, name)), [], "what the page installs");
  const setUp = PAGE.file("telemetry.js");
  await using server = serve();
  using project = await makeProject();
  Deno.symlinkSync(`${modules}/@opentelemetry`, `${project.directory}/node_modules/@opentelemetry`);
  for (const node of ["node-22", "node-26"] as const) {
    await t.step(node, async () => {
      const [port = 0] = freePorts(1);
      assert(setUp.includes("port: 9464"), "the port of the page");
      project.write("telemetry.js", setUp.replace("port: 9464", `port: ${port}`));
      project.write(
        "main.js",
        `import { trace } from "@opentelemetry/api";
        import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
        const exporter = new InMemorySpanExporter();
        trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
        await import("./search.js");
        const scraped = await (await fetch("http://127.0.0.1:${port}/metrics")).text();
        console.log(JSON.stringify({ scraped, attributes: exporter.getFinishedSpans()[0].attributes }));
        process.exit(0);`,
      );
      project.write("search.js", program("@opentelemetry/api").replace("env_SERVER", `"${server.url}/search"`));
      const { code, out, err } = await project.run(node, start.split(" "), { SEARCH_KEY: TOKEN });
      assertEquals([code, err], [0, ""]);
      const { scraped, attributes } = JSON.parse(out);
      assertEquals(attributes, SPAN);
      assertMatch(scraped, /^credential_walks_total\{credential_key="search:api",credential_outcome="found",.*\} 1$/m);
      assert(!out.includes(TOKEN));
    });
  }
});

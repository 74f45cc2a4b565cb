import { assert, assertEquals } from "@std/assert";
import type { Attributes, Meter } from "npm:@opentelemetry/api@^1.10.0";
import { createResolver, defineChain, memory, required } from "../../mod.ts";
import { credentialAttributes, type MeterLike } from "../../src/otel/mod.ts";
import { telemetry } from "../support/otel/telemetry.ts";

const TOKEN = "planted-token";
const OTHER = "other-planted-token";

/** Creates a resolver of a token that a test may rotate. */
function rotating() {
  const values = { POLARIS_TOKEN: TOKEN };
  const chain = defineChain({
    stores: { vault: memory({ priority: 2, values }), seed: memory({ priority: 1, values: { TOKEN: "seed" } }) },
    credentials: {
      "polaris:rest": {
        fields: { token: required() },
        from: {
          vault: { fields: { token: "POLARIS_TOKEN" } },
          seed: { fields: { token: "TOKEN" } },
        },
      },
    },
  });
  return { values, resolver: createResolver(chain) };
}

Deno.test("a 403 shows on its span which credential the request used, and no value of it", async () => {
  await using sdk = telemetry();
  const { resolver } = rotating();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ headers }) => {
    const isKnown = headers.get("authorization") === `Bearer ${TOKEN}`;
    return new Response(isKnown ? "this principal may not read it" : "unknown", { status: isKnown ? 403 : 401 });
  });
  await sdk.tracer.startActiveSpan("GET", async (span) => {
    const credential = await resolver.resolve("polaris:rest");
    span.setAttributes(credentialAttributes(credential));
    const answer = await fetch(`http://127.0.0.1:${server.addr.port}/v1/config`, {
      headers: { authorization: `Bearer ${credential.get("token")}` },
    });
    await answer.body?.cancel();
    span.setAttribute("http.response.status_code", answer.status);
    span.end();
  });
  const [span] = sdk.spans();
  assertEquals(span!.attributes, {
    "credential.key": "polaris:rest",
    "credential.source": "vault",
    "credential.degraded": false,
    "credential.generation": 1,
    "http.response.status_code": 403,
  });
  const { held } = resolver.describe().credentials[0]!;
  assertEquals([held?.source, held?.generation], ["vault", 1], "what describe shows is what the span names");
  const { name, attributes, events, status, resource } = span!;
  const exported = JSON.stringify({ name, attributes, events, status, resource: resource.attributes });
  assert(!exported.includes(TOKEN), exported);
});

Deno.test("a span of a request before a rotation names another generation than one after it", async () => {
  const { values, resolver } = rotating();
  const before = credentialAttributes(await resolver.resolve("polaris:rest"));
  values.POLARIS_TOKEN = OTHER;
  resolver.invalidate("polaris:rest");
  const after = credentialAttributes(await resolver.resolve("polaris:rest"));
  assertEquals([before["credential.generation"], after["credential.generation"]], [1, 2]);
});

Deno.test("a meter and attributes of @opentelemetry/api fit, so that the package needs no dependency for them", async () => {
  await using sdk = telemetry();
  const meter: Meter = sdk.meter;
  const fits: MeterLike = meter;
  const attributes: Attributes = credentialAttributes(await rotating().resolver.resolve("polaris:rest"));
  assert(fits === meter && attributes["credential.key"]);
});

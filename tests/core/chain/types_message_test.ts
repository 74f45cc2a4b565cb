import { assertEquals, assertStringIncludes } from "@std/assert";
import { rootUrl } from "../../support/closed_network/root.ts";

const MISTAKES: Readonly<Record<string, readonly [code: string, says: string]>> = {
  "a key that is not of the chain": [
    'resolver.resolve("kafka:sals");',
    `"kafka:sals"' is not assignable to parameter of type '"`,
  ],
  "a key of a credential without what a client needs": [
    'neo4jAuth(resolver, "kafka:sasl");',
    `'"kafka:sasl"' is not assignable to parameter of type '"neo4j:basic"'`,
  ],
  "a setting in anyOf": [
    'defineChain({ stores, credentials: { "a:b": { fields: { user: required(), region: setting() }, anyOf: ["region"], from: {} } } });',
    `'"region"' is not assignable to type '"user"'`,
  ],
};

const head = `
import { createResolver, defineChain, env, required, setting } from "${new URL("mod.ts", rootUrl).href}";
import { neo4jAuth } from "${new URL("src/clients/neo4j.ts", rootUrl).href}";
const stores = { env: env({ priority: 100 }) };
const fields = { user: required(), password: required(), region: setting() };
const resolver = createResolver(defineChain({
  stores,
  credentials: {
    "kafka:sasl": { fields: { username: required() }, from: { env: { prefix: "KAFKA_" } } },
    "neo4j:basic": { fields, from: { env: { prefix: "NEO4J_" } } },
  },
}));
`;

Deno.test("the compile error for a mistake in a chain or a call is one line with the valid names, not the whole chain", async (t) => {
  const directory = Deno.makeTempDirSync();
  try {
    const program = `${directory}/mistakes.ts`;
    Deno.writeTextFileSync(program, head + Object.values(MISTAKES).map(([code]) => code).join("\n"));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--no-lock", "--quiet", program],
      cwd: rootUrl,
      env: { NO_COLOR: "1" },
    }).output();
    const errors = new TextDecoder().decode(stderr).split("\n").filter((line) => /^TS\d+ /.test(line));
    assertEquals([success, errors.length], [false, 3], errors.join("\n"));
    for (const [at, [name, [, says]]] of Object.entries(MISTAKES).entries()) {
      await t.step(name, () => assertStringIncludes(errors[at]!, says));
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

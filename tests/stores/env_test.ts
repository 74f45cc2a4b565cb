import { assertEquals } from "@std/assert";
import { createResolver, defineChain, env, flag, required } from "../../mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../support/fixtures/small_chain.ts";

function resolverOf(variables: Record<string, unknown>, files = false) {
  const { chain } = smallChain({ env: env({ priority: 1, files }) }, { env: { prefix: "DB_" } }, { fields: LOGIN });
  return createResolver(chain, { env: variables });
}

Deno.test("a Docker secret is read from the file that NAME_FILE names, without its last line break", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/db_password`, "not-a-secret\n");
  const variables = { DB_USER: "reader", DB_PASSWORD_FILE: `${path}/db_password` };
  const credential = await resolverOf(variables, true).resolve("db:basic");
  assertEquals([credential.get("password"), credential.source], ["not-a-secret", "env"]);
  for (const [text, value] of [["a\n\n", "a\n"], ["a\r\n", "a"], [" a ", " a "], ["a", "a"]] as const) {
    Deno.writeTextFileSync(`${path}/db_password`, text);
    assertEquals((await resolverOf(variables, true).resolve("db:basic")).get("password"), value);
  }
  remove();
});

Deno.test("NAME_FILE is ignored without files: true", async () => {
  const { code, missing } = await rejection(
    resolverOf({ DB_USER: "u", DB_PASSWORD_FILE: "/etc/hostname" }).resolve("db:basic"),
  );
  assertEquals([code, missing], ["incomplete", ["DB_PASSWORD"]]);
});

Deno.test("a NAME_FILE that cannot be used is invalid, and the error says why", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/large`, "x".repeat(2 * 1024 * 1024));
  await new Deno.Command("mkfifo", { args: [`${path}/fifo`] }).output();
  const cases = [
    [
      { DB_PASSWORD: "p", DB_PASSWORD_FILE: `${path}/x` },
      "DB_PASSWORD and DB_PASSWORD_FILE are both set: expected only one of them",
    ],
    [{ DB_PASSWORD_FILE: "secrets/db_password" }, "DB_PASSWORD_FILE is not an absolute path"],
    [{ DB_PASSWORD_FILE: `${path}/nowhere` }, "DB_PASSWORD_FILE names a file that does not exist"],
    [{ DB_PASSWORD_FILE: path }, "DB_PASSWORD_FILE is not a regular file"],
    [{ DB_PASSWORD_FILE: `${path}/fifo` }, "DB_PASSWORD_FILE is not a regular file"],
    [{ DB_PASSWORD_FILE: `${path}/large` }, "DB_PASSWORD_FILE is larger than 1024 KiB"],
    [{ DB_PASSWORD_FILE: `${path}/large/x` }, "DB_PASSWORD_FILE: its path does not lead to a file"],
  ] as const;
  for (const [variables, detail] of cases) {
    const error = await rejection(resolverOf({ DB_USER: "u", ...variables }, true).resolve("db:basic"));
    assertEquals([error.code, error.trace[0]?.detail], ["invalid", detail]);
  }
  remove();
});

Deno.test("a Worker's bindings are read as variables, including the asynchronous ones of a Secrets Store", async () => {
  const credential = await resolverOf({ DB_USER: "u", DB_PASSWORD: { get: () => Promise.resolve("bound") } }).resolve(
    "db:basic",
  );
  assertEquals(credential.get("password"), "bound");
  const away = { get: () => Promise.reject(new Error("hunter2")) };
  const gone = await rejection(resolverOf({ DB_USER: "u", DB_PASSWORD: away }).resolve("db:basic"));
  assertEquals([gone.code, gone.trace[0]?.detail], ["unavailable", "the binding DB_PASSWORD cannot be read"]);
  for (const other of [7, true, {}, [], { get: () => Promise.resolve(7) }, { get: () => 7 }]) {
    const { code, trace } = await rejection(resolverOf({ DB_USER: "u", DB_PASSWORD: other }).resolve("db:basic"));
    assertEquals([code, trace[0]?.detail], ["invalid", "DB_PASSWORD is not text"]);
  }
});

Deno.test("an inherited property of a Worker's env object is not a binding", async () => {
  const host = testHost({ env: Object.create({ DB_USER: "inherited", DB_PASSWORD: "inherited" }) });
  assertEquals(await resolverOf(host.env).find("db:basic"), undefined);
});

Deno.test("a variable of the process's environment is read", async () => {
  const name = `CREDENTIALS_TEST_${crypto.randomUUID().replaceAll("-", "").toUpperCase()}`;
  Deno.env.set(name, "set");
  const { chain } = smallChain({ env: env({ priority: 1 }) }, { env: { fields: { user: name } } });
  assertEquals((await createResolver(chain).resolve("db:basic")).get("user"), "set");
  Deno.env.delete(name);
});

Deno.test("a host or a binding that throws is an outage, and the error does not quote it", async () => {
  const failing = () => {
    throw new Error("not-a-secret in a message");
  };
  const chain = defineChain({
    stores: { env: env({ priority: 1 }), off: env({ priority: 2, enabled: flag("ENV_ON") }) },
    credentials: {
      "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" } } },
      "db:off": { fields: { user: required() }, from: { off: { prefix: "DB_" } } },
    },
  });
  for (const variables of [failing, { DB_USER: { get: failing }, ENV_ON: { get: failing } }]) {
    const resolver = createResolver(chain, { env: variables });
    for (const [key, store, name] of [["db:basic", "env", "DB_USER"], ["db:off", "off", "ENV_ON"]] as const) {
      const { message } = await rejection(resolver.resolve(key));
      assertEquals(message, `Cannot resolve "${key}": "${store}" is unavailable: the binding ${name} cannot be read`);
    }
  }
});

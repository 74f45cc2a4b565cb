import { assertEquals } from "@std/assert";
import { createResolver, defineChain, env, file, flag, fromEnv, required } from "../../mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../support/fixtures/small_chain.ts";
import { bundleProgram, runProgram } from "../support/programs/run_program.ts";

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

Deno.test("a host's function may read Deno's own variables, and one that it may not read is denied", async () => {
  const failing = (name: string) => () => {
    throw Object.assign(new Error("not-a-secret in a message"), { name });
  };
  for (
    const [name, message] of [
      ["NotCapable", "denied: needs --allow-env=DB_USER"],
      ["InvalidData", "invalid: DB_USER is not valid UTF-8 text"],
      ["TypeError", "unavailable: the binding DB_USER cannot be read"],
    ] as const
  ) {
    const { chain } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } });
    const resolver = createResolver(chain, { env: failing(name) });
    assertEquals(
      (await rejection(resolver.resolve("db:basic"))).message,
      `Cannot resolve "db:basic": "env" is ${message}`,
    );
  }
});

const BROKEN = ["hunter2\uFFFD", "\uFFFD", "hunter2\0", "\0", "hunter2\uD800"];

Deno.test("a variable that is not valid UTF-8 is invalid in every kind of host, never another secret without a word", async () => {
  for (const value of BROKEN) {
    for (const bound of [value, { get: () => value }, { get: () => Promise.resolve(value) }, Promise.resolve(value)]) {
      const variables = { DB_USER: "reader", DB_PASSWORD: bound };
      for (const host of [variables, (name: string) => variables[name as "DB_USER"]]) {
        const { chain } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } }, { fields: LOGIN });
        const { message } = await rejection(createResolver(chain, { env: host }).resolve("db:basic"));
        assertEquals(message, 'Cannot resolve "db:basic": "env" is invalid: DB_PASSWORD is not valid UTF-8 text');
      }
    }
  }
  const whole = { DB_USER: "réader", DB_PASSWORD: "😀 \u{10FFFF}\uE000" };
  assertEquals((await resolverOf(whole).resolve("db:basic")).get("password"), whole.DB_PASSWORD);
});

Deno.test("a reference or a flag to a variable that is not valid UTF-8 makes its store invalid, not its fallback", async () => {
  for (const value of BROKEN) {
    const stores = {
      env: env({ priority: 2, enabled: flag("ENV_ON") }),
      file: file({ priority: 1, directory: fromEnv("STATE_DIR", "data") }),
    };
    for (const [name, key] of [["ENV_ON", "env"], ["STATE_DIR", "file"]] as const) {
      const from = key === "env" ? { env: { prefix: "DB_" } } : { file: "db.json" };
      const { resolver } = smallChain(stores, from, { env: { ENV_ON: "false", [name]: value } });
      const { message } = await rejection(resolver.resolve("db:basic"));
      assertEquals(message, `Cannot resolve "db:basic": "${key}" is invalid: ${name} is not valid UTF-8 text`);
    }
  }
});

Deno.test("a variable of broken bytes is invalid on Deno, Bun and Node alike, and Deno does not call it a permission", async () => {
  using program = await bundleProgram("resolve_once.ts");
  for (const bytes of ["\\377", "hunter2\\303", "\\355\\240\\200"]) {
    const assignments = `DB_USER=$(printf '${bytes}')`;
    const outputs = [await runProgram("resolve_once.ts", ["/", "env"], { assignments, permissions: ["--allow-env"] })];
    for (const runtime of ["bun", "node-20", "node-26"] as const) {
      outputs.push(await program.run(runtime, ["/", "env"], { assignments }));
    }
    for (const output of outputs) {
      assertEquals(output, 'Cannot resolve "db:basic": "env" is invalid: DB_USER is not valid UTF-8 text');
    }
  }
});

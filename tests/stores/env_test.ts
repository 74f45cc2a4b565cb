import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  env,
  file,
  flag,
  fromEnv,
  type PathInfo,
  required,
  runtimeFiles,
} from "../../mod.ts";
import { ambient } from "../../src/core/runtime/ambient.ts";
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

Deno.test("a host's object that throws for a name which it lacks, as checked environments do, has no such variable", async () => {
  const checked = (variables: Record<string, string>) =>
    new Proxy(variables, {
      get: (target, name) => {
        if (Object.hasOwn(target, name)) return target[name as string];
        throw new ReferenceError("not-a-secret in a message");
      },
    });
  assertEquals(await resolverOf(checked({})).find("db:basic"), undefined);
  const credential = await resolverOf(checked({ DB_USER: "u", DB_PASSWORD: "p" })).resolve("db:basic");
  assertEquals([credential.get("user"), credential.degraded], ["u", false]);
  class Settings {
    get DB_USER(): string {
      throw new Error("not-a-secret in a message");
    }
  }
  assertEquals(await resolverOf(new Settings() as never).find("db:basic"), undefined);
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

Deno.test("a host's function may use the resolver, also where that meets the first binding that answers later", async () => {
  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: {
      "db:basic": { fields: LOGIN, from: { env: { prefix: "DB_" } } },
      "vault:token": { fields: { token: required() }, from: { env: { prefix: "VAULT_" } } },
    },
  });
  const variables: Record<string, unknown> = {
    DB_USER: "u",
    DB_PASSWORD: { get: () => Promise.resolve("p") },
    VAULT_TOKEN: { get: () => Promise.resolve("t") },
  };
  let token: Promise<string> | undefined;
  const resolver = createResolver(chain, {
    env: (name) => {
      if (name === "DB_USER") token ??= resolver.resolve("vault:token").then((credential) => credential.get("token"));
      return (variables[name] as { get?: () => unknown } | undefined)?.get?.() ?? variables[name];
    },
  });
  assertEquals((await resolver.resolve("db:basic")).get("password"), "p");
  assertEquals(await token, "t");
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

function dockerOf(options: { recheck?: number } = {}) {
  const { chain } = smallChain(
    { own: env({ priority: 1, files: true, ...options }) },
    { own: { prefix: "DB_" } },
    { fields: LOGIN },
  );
  const host = testHost({
    env: { DB_USER: "u", DB_PASSWORD_FILE: "/run/password" },
    files: { "/run/password": "\uFEFFfirst\r\n" },
  });
  return { host, resolver: createResolver(chain, host) };
}

Deno.test("a NAME_FILE that is rotated is noticed within a second, unless recheck says otherwise", async () => {
  for (
    const [options, after, value] of [[{}, 999, "first"], [{}, 1_000, "second"], [
      { recheck: 60_000 },
      59_999,
      "first",
    ]] as const
  ) {
    const { host, resolver } = dockerOf(options);
    assertEquals((await resolver.resolve("db:basic")).get("password"), "first");
    host.disk["/run/password"] = "second\n";
    await host.clock.advance(after);
    assertEquals((await resolver.resolve("db:basic")).get("password"), value);
  }
});

Deno.test("plain variables are used until they are invalidated, also by a store that may read files", async () => {
  const { host, resolver } = dockerOf();
  delete host.env.DB_PASSWORD_FILE;
  host.env.DB_PASSWORD = "plain";
  const first = await resolver.resolve("db:basic");
  host.env.DB_PASSWORD = "other";
  await host.clock.advance(365 * 86_400_000);
  assertStrictEquals(await resolver.resolve("db:basic"), first);
});

Deno.test("a NAME_FILE that is gone or blank for a moment is looked for again, and one that stays away is invalid", async () => {
  for (const gone of [undefined, "\n"]) {
    const { host, resolver } = dockerOf();
    const first = await resolver.resolve("db:basic");
    host.disk["/run/password"] = gone;
    await host.clock.advance(1_000);
    const pending = resolver.resolve("db:basic");
    await host.clock.advance(10);
    host.disk["/run/password"] = "first";
    await host.clock.advance(40);
    assertStrictEquals(await pending, first);
  }
  const { host, resolver } = dockerOf();
  delete host.disk["/run/password"];
  const failing = rejection(resolver.resolve("db:basic"));
  await host.clock.advance(150);
  const { code, trace } = await failing;
  assertEquals([code, trace[0]?.detail], ["invalid", "DB_PASSWORD_FILE names a file that does not exist"]);
});

Deno.test("a NAME_FILE that is blank when a program starts counts as absent, and one that was emptied is invalid", async () => {
  const { host, resolver } = dockerOf();
  host.disk["/run/password"] = "";
  assertEquals((await rejection(resolver.resolve("db:basic"))).code, "incomplete");
  host.disk["/run/password"] = "first";
  await resolver.resolve("db:basic");
  host.disk["/run/password"] = "";
  await host.clock.advance(1_000);
  const failing = rejection(resolver.resolve("db:basic"));
  await host.clock.advance(150);
  const { code, trace } = await failing;
  assertEquals([code, trace[0]?.detail], ["invalid", "DB_PASSWORD_FILE names a file that was emptied"]);
});

Deno.test("values that are read from several NAME_FILEs are of one generation", async () => {
  const { path, remove } = makeDirectory();
  for (const version of ["v1", "v2"]) {
    Deno.mkdirSync(`${path}/${version}`);
    for (const name of ["user", "password"]) Deno.writeTextFileSync(`${path}/${version}/${name}`, version);
  }
  Deno.symlinkSync("v1", `${path}/current`);
  const own = runtimeFiles(ambient()).files!;
  let reads = 0;
  const files = {
    ...own,
    text: (at: string, seen?: PathInfo) => {
      const text = own.text(at, seen);
      if (++reads > 1) return text;
      Deno.removeSync(`${path}/current`);
      Deno.symlinkSync("v2", `${path}/current`);
      return text;
    },
  };
  const variables = { DB_USER_FILE: `${path}/current/user`, DB_PASSWORD_FILE: `${path}/current/password` };
  const { chain } = smallChain({ own: env({ priority: 1, files: true }) }, { own: { prefix: "DB_" } }, {
    fields: LOGIN,
  });
  const credential = await createResolver(chain, { env: variables, files }).resolve("db:basic");
  assertEquals([credential.get("user"), credential.get("password")], ["v2", "v2"]);
  remove();
});

Deno.test("the bindings of a Worker are a host's env also where their type is an interface, as wrangler writes it", async () => {
  interface Env {
    readonly DB_USER: string;
    readonly DB_PASSWORD: { get(): Promise<string> };
  }
  const bindings: Env = { DB_USER: "worker", DB_PASSWORD: { get: () => Promise.resolve("fake") } };
  const { chain } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } }, { fields: LOGIN });
  const credential = await createResolver(chain, { env: bindings }).resolve("db:basic");
  assertEquals([credential.get("user"), credential.get("password")], ["worker", "fake"]);
});

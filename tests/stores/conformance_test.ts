import { defineStore, denied, document, env, file, memory, mounted, token, unavailable, variables } from "../../mod.ts";
import { dotenv } from "../../src/stores/dotenv/dotenv.ts";
import { tokenFile } from "../../src/stores/identity/mod.ts";
import {
  conformance,
  type ConformanceLimit,
  type ConformanceValues,
  scriptedStore,
  type StoreHarness,
  testHost,
} from "../../src/testing/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { fakeJwt } from "../support/fixtures/fake_jwt.ts";
import { type FileFault, filesAtFault } from "../support/fixtures/files_at_fault.ts";

function test(kind: string, open: () => StoreHarness, cannot?: readonly ConformanceLimit[]): void {
  for (const { name, run } of conformance(kind, open, cannot)) Deno.test(name, run);
}

/** Replaces the contents of a record. */
function replace(record: Record<string, unknown>, values: object): void {
  for (const name of Object.keys(record)) delete record[name];
  Object.assign(record, values);
}

function upperCased(values: ConformanceValues): object {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`KIT_${name.toUpperCase()}`, value]));
}

test("env", () => {
  const host = testHost();
  return {
    store: env,
    from: { prefix: "KIT_" },
    host,
    put: (values) => replace(host.env, upperCased(values)),
    remove: () => replace(host.env, {}),
    deny: () => replace(host.env, { KIT_USER: denied("needs --allow-env=KIT_USER") }),
    break: () => replace(host.env, { KIT_USER: 7 }),
    disconnect: () => replace(host.env, { KIT_USER: { get: () => Promise.reject(new Error("gone")) } }),
    stall: () => replace(host.env, { KIT_USER: { get: () => new Promise(() => {}) } }),
  };
});

test("env with files", () => {
  const directory = makeDirectory();
  const host = testHost();
  let fault: FileFault;
  return {
    store: (options) => env({ ...options, files: true }),
    from: { prefix: "KIT_" },
    host: { ...host, ...filesAtFault(() => fault) },
    put: (values) => {
      const names = Object.keys(values) as (keyof ConformanceValues)[];
      for (const name of names) Deno.writeTextFileSync(`${directory.path}/${name}`, values[name]!);
      replace(
        host.env,
        Object.fromEntries(names.map((name) => [`KIT_${name.toUpperCase()}_FILE`, `${directory.path}/${name}`])),
      );
    },
    remove: () => replace(host.env, {}),
    deny: () => void (fault = "deny"),
    break: () => void (host.env.KIT_USER = "both are set"),
    disconnect: () => void (fault = "disconnect"),
    close: directory.remove,
  };
}, ["stall"]);

for (const sync of [true, false]) {
  test(`file with sync: ${sync}`, () => {
    const directory = makeDirectory();
    const path = `${directory.path}/kit.json`;
    let fault: FileFault;
    return {
      store: (options) => file({ ...options, directory: directory.path, sync }),
      from: "kit.json",
      host: filesAtFault(() => fault),
      put: (values) => Deno.writeTextFileSync(path, JSON.stringify(values)),
      remove: directory.empty,
      deny: () => void (fault = "deny"),
      break: () => Deno.truncateSync(path, 30),
      disconnect: () => void (fault = "disconnect"),
      close: directory.remove,
    };
  }, ["stall"]);
}

for (const sync of [true, false]) {
  test(`mounted with sync: ${sync}`, () => {
    const directory = makeDirectory();
    let fault: FileFault;
    return {
      store: (options) => mounted({ ...options, directory: directory.path, sync }),
      from: { prefix: "" },
      host: filesAtFault(() => fault),
      put: (values) => {
        directory.empty();
        for (const [name, value] of Object.entries(values)) {
          Deno.writeTextFileSync(`${directory.path}/${name}`, `${value}\n`);
        }
      },
      remove: directory.empty,
      deny: () => void (fault = "deny"),
      break: () => Deno.writeFileSync(`${directory.path}/user`, new Uint8Array([0xff, 0xfe, 0x41])),
      disconnect: () => void (fault = "disconnect"),
      close: directory.remove,
    };
  }, ["stall"]);
}

/** A time after which the clock of the checks never is, in seconds. */
const FAR_S = 4_000_000_000;

for (const sync of [true, false]) {
  test(`tokenFile with sync: ${sync}`, () => {
    const directory = makeDirectory();
    const path = `${directory.path}/token`;
    let fault: FileFault;
    return {
      store: (options) => tokenFile({ ...options, path, sync }),
      from: { fields: { user: "token", password: "token" } },
      host: filesAtFault(() => fault),
      put: () => Deno.writeTextFileSync(path, `${fakeJwt({ exp: FAR_S, jti: crypto.randomUUID() })}\n`),
      remove: directory.empty,
      deny: () => void (fault = "deny"),
      break: () => Deno.truncateSync(path, 30),
      disconnect: () => void (fault = "disconnect"),
      close: directory.remove,
    };
  }, ["put", "part", "stall"]);
}

test("dotenv", () => {
  const directory = makeDirectory();
  const path = `${directory.path}/.env`;
  let fault: FileFault;
  return {
    store: (options) => dotenv({ ...options, path }),
    from: { prefix: "KIT_" },
    host: filesAtFault(() => fault),
    put: (values) => {
      const lines = Object.entries(upperCased(values)).map(([name, value]) => {
        const quote = value.includes("'") ? '"' : "'";
        return `${name}=${quote}${value}${quote}\n`;
      });
      Deno.writeTextFileSync(path, lines.join(""));
    },
    remove: directory.empty,
    deny: () => void (fault = "deny"),
    break: () => Deno.writeFileSync(path, new Uint8Array([0xff, 0xfe, 0x41])),
    disconnect: () => void (fault = "disconnect"),
    close: directory.remove,
  };
}, ["stall"]);

test("memory", () => {
  const values: Record<string, string | undefined> = {};
  return {
    store: (options) => memory({ ...options, values }),
    from: { prefix: "" },
    put: (some) => replace(values, some),
    remove: () => replace(values, {}),
    deny: () => replace(values, { user: denied("locked") }),
    break: () => void Object.assign(values, { user: 7 }),
  };
}, ["disconnect", "stall"]);

const shelf = defineStore({
  kind: "shelf",
  shape: variables,
  open: ({ url }: { url: string }, { fetch }) => async (name, { signal }) => {
    const answer = await fetch(`${url}/${name}`, { signal });
    if (answer.status === 404) return undefined;
    if (answer.status === 403) return denied("needs read on this shelf");
    return answer.ok ? await answer.text() : unavailable(`HTTP ${answer.status}`);
  },
});

test("a user's own store over HTTP", () => {
  const shelved: Record<string, string> = {};
  const stalled = Promise.withResolvers<Response>();
  let answer: (() => Response | Promise<Response>) | undefined;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    if (answer) return answer();
    const name = new URL(request.url).pathname.slice(1);
    return Object.hasOwn(shelved, name) ? new Response(shelved[name]) : new Response(null, { status: 404 });
  });
  return {
    store: (options) => shelf({ ...options, url: `http://127.0.0.1:${server.addr.port}` }),
    from: { prefix: "" },
    put: (values) => replace(shelved, values),
    remove: () => replace(shelved, {}),
    deny: () => void (answer = () => new Response("not-for-you", { status: 403 })),
    disconnect: () => server.shutdown(),
    stall: () => void (answer = () => stalled.promise),
    close: () => {
      stalled.resolve(new Response());
      return server.shutdown();
    },
  };
}, ["break"]);

for (const later of [false, true]) {
  const faults = (script: { answer: unknown }) => ({
    deny: () => void (script.answer = denied("locked")),
    break: () => void (script.answer = new Error("a bug")),
    disconnect: () => void (script.answer = unavailable("no connection")),
    stall: () => void (script.answer = new Promise(() => {})),
  });

  test(`a document store that answers ${later ? "later" : "at once"}`, () => {
    const script = scriptedStore({ shape: document, later });
    return {
      store: script.store,
      from: "kit.json",
      put: (values) => void (script.answers["kit.json"] = { ...values }),
      remove: () => replace(script.answers, {}),
      ...faults(script),
    };
  });

  for (const lifetime of [{ expiresIn: 3_600 }, { expires: "never" }] as const) {
    const what = `a token store whose tokens ${"expires" in lifetime ? "do not expire" : "expire"}`;
    test(`${what}, and that answers ${later ? "later" : "at once"}`, () => {
      const script = scriptedStore({ shape: token, later });
      return {
        store: script.store,
        from: { resource: "urn:kit" },
        put: (values) => void (script.answer = { values: { ...values }, ...lifetime }),
        remove: () => void (script.answer = undefined),
        ...faults(script),
      };
    });
  }
}

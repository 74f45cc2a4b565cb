import { assert, assertEquals, assertRejects } from "@std/assert";
import * as esbuild from "esbuild";
import { fileURLToPath } from "node:url";
import { createResolver, defineChain, required, token } from "../../mod.ts";
import { credentialFetch } from "../../src/clients/fetch.ts";
import { scriptedStore } from "../../src/testing/mod.ts";
import { installRuntimes } from "../runtimes/install.ts";
import { writeWorkerdConfig } from "../runtimes/workerd_config.ts";
import { listening } from "./stand_ins/listening.ts";
import { visits } from "./programs/redirects.ts";

/** What a service received: its name, the method, the body, and which secrets. */
function received(name: string, request: Request, body: string): string {
  const secrets = ["authorization", "x-api-key", "cookie"].filter((header) => request.headers.has(header));
  return [name, request.method, body, request.headers.get("content-type"), ...secrets].join(" ").trimEnd();
}

/** Two origins that redirect to one another. */
function twoOrigins() {
  const origin = (name: string, other: () => string) =>
    listening(async (request) => {
      const { pathname } = new URL(request.url);
      const said = received(name, request, await request.text());
      const location = redirectOf(pathname, other());
      return location ? new Response(null, location) : new Response(said);
    });
  const first = origin("first", () => second.url);
  const second = origin("second", () => first.url);
  return {
    url: first.url,
    [Symbol.asyncDispose]: async () => {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

function redirectOf(path: string, other: string): ResponseInit | undefined {
  const to = (status: number, location: string) => ({ status, headers: { location } });
  const found = /^\/(\d{3})\/(around|away|back)$/.exec(path);
  if (!found) return path === "/endless" ? to(307, "/endless") : undefined;
  const status = Number(found[1]);
  if (found[2] === "around") return to(status, "../end");
  return to(status, `${other}${found[2] === "away" ? "/end" : `/${status}/away`}`);
}

const PATHS = ["/end", "/307/around", "/302/around", "/308/away", "/303/away", "/307/back", "/endless"];
const ENDLESS = "Cannot follow a redirect: expected no more than 20 in a row";
const EXPECTED = [
  "first POST a=b text/plain authorization cookie",
  "first POST a=b text/plain x-api-key cookie",
  "first POST a=b text/plain authorization cookie",
  "first POST a=b text/plain x-api-key cookie",
  "first GET   authorization cookie",
  "first GET   x-api-key cookie",
  "second POST a=b text/plain",
  "second POST a=b text/plain",
  "second GET",
  "second GET",
  "first POST a=b text/plain",
  "first POST a=b text/plain",
  ENDLESS,
  ENDLESS,
];

Deno.test("credentialFetch() follows a redirect as fetch does, and takes no secret to another origin", async () => {
  await using origins = twoOrigins();
  assertEquals(await visits(origins.url, PATHS), EXPECTED);
});

Deno.test("credentialFetch() takes no secret to another origin on any other runtime", async (t) => {
  await using origins = twoOrigins();
  const modules = await installRuntimes();
  const directory = Deno.makeTempDirSync();
  try {
    const bundle = (name: string, format: "esm" | "iife", run: string) =>
      bundleProgram(`${directory}/${name}`, format, run, origins.url);
    const system = await bundle("system.mjs", "esm", "await print();");
    const worker = await bundle("worker.mjs", "esm", "export default { test: print };");
    const edge = await bundle("edge.js", "iife", "void print();");
    const commands: Record<string, readonly string[]> = {
      bun: [`${modules}/.bin/bun`, "run", "--no-install", system],
      "node 20": [`${modules}/node-20/bin/node`, system],
      "node 26": [`${modules}/node-26/bin/node`, system],
      workerd: [`${modules}/.bin/workerd`, "test", workerdConfig(worker)],
      "edge-runtime": [`${modules}/node-20/bin/node`, `${modules}/edge-runtime/dist/cli/index.js`, edge],
    };
    for (const [name, [path, ...args]] of Object.entries(commands)) {
      await t.step(name, async () => {
        const { stdout, stderr } = await new Deno.Command(path!, { args, stdin: "null" }).output();
        const [said, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
        const line = said!.split("\n").find((line) => line.startsWith("SAID "));
        assert(line, `${said}${error}`);
        assertEquals(JSON.parse(line.slice("SAID ".length)), EXPECTED);
      });
    }
  } finally {
    await esbuild.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("credentialFetch() does not renew what another origin refused, since that never saw it", async () => {
  await using other = listening(() => new Response(null, { status: 401 }));
  await using service = listening(() => Response.redirect(other.url));
  const { api, minted } = counting();
  assertEquals([(await api(service.url)).status, minted()], [401, 1]);
});

Deno.test("credentialFetch() follows no redirect that its caller, or fetch, would not", async (t) => {
  let location = "/";
  await using service = listening(() => new Response("elsewhere", { status: 307, headers: { location } }));
  const { api } = counting();
  await t.step("a caller's own manual", async () => {
    const answers = [await api(service.url, { redirect: "manual" })];
    answers.push(await api(new Request(service.url, { redirect: "manual" })));
    for (const answer of answers) assertEquals([answer.status, await answer.text()], [307, "elsewhere"]);
  });
  await t.step("a caller's own error", async () => {
    await assertRejects(() => api(service.url, { redirect: "error" }), TypeError);
  });
  await t.step("a body that was read", async () => {
    const body = new Blob(["a=b"]).stream();
    const message = "Cannot follow a redirect: the body can be read only once";
    await assertRejects(() => api(service.url, { method: "POST", body }), TypeError, message);
  });
  const message = "Cannot follow a redirect: expected an http or https URL without user info";
  for (location of ["data:text/plain,a", "http://fake:secret@127.0.0.1/", "http://[", "file:///etc/hostname"]) {
    await t.step(location, async () => {
      const error = await assertRejects(() => api(service.url), TypeError);
      assertEquals(error.message, message);
    });
  }
});

/** A `credentialFetch`, and how many tokens were minted for it. */
function counting() {
  const mint = scriptedStore({ shape: token });
  mint.answer = () => ({ values: { token: `fake-token-${mint.asked.length}` }, expiresIn: 3600 });
  const chain = defineChain({
    stores: { mint: mint.store({ priority: 100 }) },
    credentials: { "api:bearer": { fields: { token: required() }, from: { mint: true } } },
  });
  return { api: credentialFetch(createResolver(chain), "api:bearer"), minted: () => mint.asked.length };
}

async function bundleProgram(outfile: string, format: "esm" | "iife", run: string, service: string): Promise<string> {
  const print = `async function print() {
    console.log("SAID " + JSON.stringify(await visits(${JSON.stringify(service)}, ${JSON.stringify(PATHS)})));
  }`;
  await esbuild.build({
    stdin: {
      contents: `import { visits } from "./redirects.ts";\n${print}\n${run}`,
      resolveDir: fileURLToPath(new URL("programs/", import.meta.url)),
    },
    outfile,
    format,
    bundle: true,
    platform: "neutral",
    target: "es2022",
    logLevel: "error",
  });
  return outfile;
}

/** workerd lets a Worker reach the loopback address only where it is told to. */
function workerdConfig(bundle: string): string {
  const path = writeWorkerdConfig(bundle, [], {});
  const services = 'services = [(name = "internet", network = (allow = ["private"])), (';
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace("services = [(", services));
  return path;
}

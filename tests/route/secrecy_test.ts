import { assert, assertEquals } from "@std/assert";
import type { Hono } from "hono";
import {
  createResolver,
  defineChain,
  destination,
  env,
  file,
  fromEnv,
  memory,
  mounted,
  optional,
  required,
  type Resolver,
  setting,
} from "../../mod.ts";
import { access } from "../../src/core/engine/access.ts";
import { dotenv } from "../../src/stores/dotenv/dotenv.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { type TestDisk, testHost } from "../../src/testing/mod.ts";
import { bearer, mount } from "../support/route/route_harness.ts";
import { hostileSentinels, randomSentinels, type Sentinels } from "../support/route/sentinels.ts";

const ROUNDS = 14;

/** Starts a token endpoint whose answers have a secret wherever one could be. */
function leakyEndpoint(next: () => string): Deno.HttpServer<Deno.NetAddr> {
  const clean = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, "");
  const answers: (() => Response)[] = [
    () => Response.json({ error: "invalid_client", error_description: next(), error_uri: next() }, { status: 401 }),
    () => Response.json({ error: next(), [next()]: next() }, { status: 400 }),
    () => new Response(`<h1>${next()}</h1>`, { status: 500, headers: { "X-Debug": clean(next()) } }),
    () => new Response(`{"access_token":"${next()}`, { headers: { "Content-Type": "application/json" } }),
    () => Response.json({ access_token: next(), token_type: next() }),
    () => Response.json({ access_token: next(), token_type: "Bearer", expires_in: next(), scope: next() }),
    () => new Response(null, { status: 302, headers: { Location: `/?token=${encodeURIComponent(next())}` } }),
    () => new Response(next(), { status: 401, headers: { "WWW-Authenticate": `Bearer error="${clean(next())}"` } }),
    () => Response.json({ access_token: next(), token_type: "Bearer", expires_in: 3600 }),
  ];
  let at = 0;
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => answers[at++ % answers.length]!());
}

/** The places in which a chain's stores find their values. */
interface Places {
  readonly variables: Record<string, unknown>;
  readonly disk: TestDisk;
  readonly memory: Record<string, string>;
  readonly dotenv: string[];
}

const FIELDS = {
  user: required(),
  word: required(),
  more: optional(),
  note: setting(),
  uri: destination({ from: ["env"] }),
};

/** A URL with a secret in its user info and its query. */
function secretUrl(next: () => string): string {
  const [user, password, query] = [next(), next(), next()].map(encodeURIComponent);
  return `https://${user}:${password}@db.invalid/?key=${query}`;
}

/** Puts a secret in every place of one round, in valid and in invalid forms. */
function putSecrets({ variables, disk, memory, dotenv }: Places, round: number, next: () => string): void {
  for (const name of ["USER", "WORD", "MORE", "NOTE"]) {
    variables[`GOOD${round}_${name}`] = next();
    memory[`held${round}_${name.toLowerCase()}`] = next();
    dotenv.push(`DOT${round}_${name}=${JSON.stringify(next())}`);
    disk[`/run/secrets/m${round}_${name.toLowerCase()}`] = next();
  }
  Object.assign(variables, {
    [`GOOD${round}_URI`]: `https://db.invalid/${round}`,
    [`BAD${round}_USER`]: next(),
    [`BAD${round}_WORD`]: next(),
    [`BAD${round}_URI`]: secretUrl(next),
    [`PART${round}_USER`]: next(),
    [`ODD${round}_USER`]: { secret: next() },
  });
  const identity = (name: string) => JSON.stringify({ user: next(), word: next(), [name]: next() });
  disk[`state/whole${round}.json`] = identity("more");
  disk[`state/cut${round}.json`] = identity("more").slice(0, -8);
  disk[`state/bare${round}.json`] = next();
  disk[`state/part${round}.json`] = JSON.stringify({ user: next(), [next()]: next() });
  disk[`state/list${round}.json`] = JSON.stringify([next(), { user: next() }]);
  disk[`state/type${round}.json`] = JSON.stringify({ user: { [next()]: next() }, word: [next()] });
}

/** The credentials of one round, each of one store. */
function credentialsOf(round: number): Record<string, unknown> {
  const user = fromEnv(`GOOD${round}_USER`);
  const from: Record<string, object> = {
    good: { env: { prefix: `GOOD${round}_` } },
    bad: { env: { prefix: `BAD${round}_` } },
    part: { env: { prefix: `PART${round}_` } },
    odd: { env: { prefix: `ODD${round}_` } },
    held: { held: { prefix: `held${round}_` } },
    dot: { dot: { prefix: `DOT${round}_` } },
    mount: { mount: { prefix: `m${round}_` } },
    token: { m2m: { resource: `urn:${round}`, fields: { word: "access_token" }, with: { user } } },
    lost: { lost: { resource: `urn:${round}`, fields: { word: "access_token", user: "user" } } },
  };
  for (const kind of ["whole", "cut", "bare", "part", "list", "type"]) from[kind] = { file: `${kind}${round}.json` };
  return Object.fromEntries(
    Object.entries(from).map(([kind, where]) => [`${kind}:${round}`, { fields: FIELDS, from: where }]),
  );
}

/** Resolves every credential of a chain that has every kind of store, with secrets wherever one could be. */
async function resolveSecrets(next: () => string, tokenUrl: string): Promise<Resolver> {
  const places: Places = { variables: {}, disk: {}, memory: {}, dotenv: [] };
  const credentials: Record<string, unknown> = {
    "m2m:client": {
      fields: { client_id: required(), client_secret: required() },
      from: { env: { prefix: "M2M_" } },
    },
    "ops:describe": { fields: { token: required() }, from: { env: { prefix: "OPS_" } } },
  };
  for (let round = 0; round < ROUNDS; round++) {
    putSecrets(places, round, next);
    Object.assign(credentials, credentialsOf(round));
  }
  const { variables, disk, memory: values } = places;
  disk["secrets.env"] = places.dotenv.join("\n");
  Object.assign(variables, {
    M2M_CLIENT_ID: next(),
    M2M_CLIENT_SECRET: next(),
    TOKEN_URL: secretUrl(next),
    OPS_TOKEN: "obviously-fake.token",
  });
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 9, tokenEndpoint: tokenUrl, client: "m2m:client" }),
      lost: oauth2({ priority: 8, tokenEndpoint: fromEnv("TOKEN_URL"), client: "m2m:client" }),
      mount: mounted({ priority: 7, directory: "/run/secrets" }),
      file: file({ priority: 6, directory: "state" }),
      dot: dotenv({ priority: 5, path: "secrets.env" }),
      held: memory({ priority: 4, values }),
      env: env({ priority: 3 }),
    },
    credentials,
  } as never);
  const { clock: _, ...host } = testHost({ env: variables, files: disk, fetch });
  const resolver = createResolver(chain, host) as unknown as Resolver;
  await Promise.all([...access(resolver).plan.credentials.keys()].map((key) => resolver.find(key).catch(() => {})));
  return resolver;
}

/** Requests every path of a route in every way, and lists the responses with their headers. */
async function everyResponse(app: Hono, resolver: Resolver, next: () => string): Promise<readonly string[]> {
  const keys = [...access(resolver).plan.credentials.keys()].map((key) => `/${key.replace(":", "/")}`);
  const paths = [
    "",
    "/",
    "/schema",
    "/ready",
    "/live",
    "/health",
    ...keys,
    `/${encodeURIComponent(next())}/${encodeURIComponent(next())}`,
    "?status=error&status=ok&store=env&q=user",
  ];
  const unauthenticated = [{}, { Authorization: `Bearer ${next()}` }, {
    Authorization: `Basic ${btoa("a:" + encodeURIComponent(next()))}`,
  }];
  const answers: string[] = [];
  const ask = async (path: string, method: string, headers: Record<string, string>) => {
    const ascii = Object.entries(headers).map(([name, value]) =>
      [name, value.replaceAll(/[^\x20-\x7e]/g, "?")] as const
    );
    const answer = await app.request(`/credentials${path}`, { method, headers: ascii as [string, string][] });
    answers.push([...answer.headers].flat().join("\n") + "\n" + await answer.text());
  };
  for (const path of paths) {
    for (const Accept of ["application/json", "text/html"]) await ask(path, "GET", { Accept, ...bearer().headers });
    for (const headers of unauthenticated) await ask(path, "GET", headers);
    await ask(path, "POST", bearer().headers);
  }
  return answers;
}

async function search(sentinels: Sentinels): Promise<{ found: readonly string[]; answers: readonly string[] }> {
  const next = () => sentinels.next();
  await using endpoint = leakyEndpoint(next);
  const resolver = await resolveSecrets(next, `http://127.0.0.1:${endpoint.addr.port}/token`);
  const needed = [...access(resolver).plan.credentials.keys()];
  const app = mount(resolver, { auth: { credential: "ops:describe" as never }, needed: needed as never });
  const answers = await everyResponse(app, resolver, next);
  // Hint: a page marks where a name may be broken over lines, which would hide a secret in a name.
  return { found: await sentinels.find(answers.join("\n\n").replaceAll("<wbr>", "")), answers };
}

Deno.test("no response has a secret in it, raw, encoded or hashed, of more than 500 in every store and every failure", async () => {
  const sentinels = randomSentinels();
  const { found, answers } = await search(sentinels);
  assert(sentinels.created > 500, `${sentinels.created} created`);
  assert(answers.length > 500, `${answers.length} responses`);
  const all = answers.join();
  for (const outcome of ["hit", "incomplete", "denied", "invalid", "unavailable"]) {
    assert(all.includes(`"outcome":"${outcome}"`), `no store answered ${outcome}`);
  }
  assertEquals(found, []);
});

Deno.test("no response has a secret of hostile characters in it", async () => {
  const sentinels = hostileSentinels();
  const { found } = await search(sentinels);
  assert(sentinels.created > 500, `${sentinels.created} created`);
  assertEquals(found, []);
});

Deno.test("the search finds secrets behind one or two encodings, so that finding none is conclusive", async () => {
  for (const sentinels of [randomSentinels(), hostileSentinels()]) {
    for (let count = 0; count < 20; count++) {
      const value = sentinels.next();
      const utf8 = new TextEncoder().encode(value);
      const html = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll(
        "'",
        "&#39;",
      );
      const hidden = [
        value,
        encodeURIComponent(value),
        html,
        JSON.stringify({ a: value }),
        utf8.toBase64(),
        new TextEncoder().encode(`x:${value}`).toBase64({ alphabet: "base64url", omitPadding: true }),
        JSON.stringify({ a: html }),
        encodeURIComponent(utf8.toBase64()),
        new Uint8Array(await crypto.subtle.digest("SHA-256", utf8)).toHex(),
      ];
      for (const text of hidden) assertEquals(await sentinels.find(`before ${text} after`), [value], text);
    }
    assertEquals(await sentinels.find("no sentinel"), []);
  }
});

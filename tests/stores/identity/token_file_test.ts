import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { inspect } from "node:util";
import {
  ChainError,
  createResolver,
  defineChain,
  fromEnv,
  type Host,
  memory,
  required,
  whenSet,
} from "../../../mod.ts";
import { dotenv } from "../../../src/stores/dotenv/dotenv.ts";
import { tokenFile, type TokenFileOptions } from "../../../src/stores/identity/mod.ts";
import { sts } from "../../../src/stores/sts/sts.ts";
import { vaultLogin } from "../../../src/stores/vault/mod.ts";
import { testClock, testHost } from "../../../src/testing/mod.ts";
import { testInDirectory } from "../../support/fixtures/directory.ts";
import { fakeJwt } from "../../support/fixtures/fake_jwt.ts";
import { projectToken } from "../../support/fixtures/projected_token.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { runProgram } from "../../support/programs/run_program.ts";
import { startStandIn, success } from "../../support/stand_ins/sts.ts";
import { loginAnswer, startVaultStandIn } from "../../support/stand_ins/vault.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Returns a token that expires at a time; the number tells it from others. */
function tokenUntil(time: number, number = 1): string {
  return fakeJwt({ exp: time / SECOND, aud: ["vault"], jti: `hunter2-${number}` });
}

function resolverOf(path: TokenFileOptions["path"], host: Host = {}, options: object = {}) {
  return createResolver(
    defineChain({
      stores: {
        pod: tokenFile({ priority: 2, path, ...options }),
        memory: memory({ priority: 1, values: { token: "fake-lower" } }),
      },
      credentials: {
        "pod:token": { fields: { jwt: required() }, from: { pod: { fields: { jwt: "token" } } } },
        "pod:either": { fields: { token: required() }, from: { pod: { prefix: "" }, memory: { prefix: "" } } },
      },
    }),
    host,
  );
}

for (const sync of [true, false]) {
  Deno.test(`tokenFile() with sync: ${sync} sees a token that Kubernetes replaced within ten seconds`, async () => {
    const clock = testClock();
    const first = tokenUntil(clock.now() + HOUR);
    using volume = projectToken(`${first}\n`);
    const resolver = resolverOf(volume.path, { clock }, { sync });
    const held = await resolver.resolve("pod:token");
    assertEquals([held.get("jwt"), held.expiresAt], [first, clock.now() + HOUR]);
    const second = tokenUntil(clock.now() + 2 * HOUR, 2);
    volume.write(second);
    await clock.advance(10 * SECOND - 1);
    assert(await resolver.resolve("pod:token") === held);
    await clock.advance(1);
    assertEquals((await resolver.resolve("pod:token")).get("jwt"), second);
  });

  Deno.test(`tokenFile() with sync: ${sync} gives fifty callers a whole token while it is replaced under them`, async () => {
    const clock = testClock();
    using volume = projectToken(tokenUntil(clock.now() + HOUR, 0));
    const resolver = resolverOf(volume.path, { clock }, { sync });
    const written = new Set([tokenUntil(clock.now() + HOUR, 0)]);
    const given = new Set<string>();
    for (let number = 1; number <= 40; number++) {
      const pending = Array.from({ length: 50 }, () => resolver.resolve("pod:token"));
      const next = tokenUntil(clock.now() + HOUR, number);
      written.add(next);
      volume.write(next);
      for (const credential of await Promise.all(pending)) given.add(credential.get("jwt"));
      await clock.advance(10 * SECOND);
    }
    assertEquals([...given].filter((token) => !written.has(token)), []);
    assert(given.size >= 20, `${given.size} tokens`);
  });
}

Deno.test("tokenFile() looks at the file at once when its token ends, and never gives an expired one", async () => {
  const clock = testClock();
  using volume = projectToken(tokenUntil(clock.now() + 15 * SECOND));
  const resolver = resolverOf(volume.path, { clock });
  await resolver.resolve("pod:token");
  await clock.advance(12 * SECOND);
  await resolver.resolve("pod:token");
  const next = tokenUntil(clock.now() + HOUR, 2);
  volume.write(next);
  await clock.advance(3 * SECOND);
  assertEquals((await resolver.resolve("pod:token")).get("jwt"), next);
});

Deno.test("tokenFile() stops at a token that has expired, also where a lower store has another one", async () => {
  const clock = testClock();
  using volume = projectToken(tokenUntil(clock.now() + MINUTE));
  const resolver = resolverOf(volume.path, { clock });
  await resolver.resolve("pod:either");
  await clock.advance(8 * MINUTE);
  const pending = rejection(resolver.resolve("pod:either", { default: { token: "fake-default" } }));
  await clock.advance(SECOND);
  const { code, message } = await pending;
  assertEquals([code, message], [
    "invalid",
    `Cannot resolve "pod:either": "pod" is invalid: the token in ${volume.path} expired 7 min ago: ` +
    "renew the file, or correct this machine's clock",
  ]);
  assertEquals(resolver.peek("pod:either"), undefined);
  volume.write(tokenUntil(clock.now() + HOUR, 2));
  assertEquals((await resolver.resolve("pod:either")).source, "pod");
});

Deno.test("tokenFile() reads a file again that is written in place, before that counts", async () => {
  const clock = testClock();
  const token = tokenUntil(clock.now() + HOUR, 2);
  const host = testHost({ clock, files: { "/run/token": tokenUntil(clock.now() + HOUR) } });
  const resolver = resolverOf("/run/token", host);
  await resolver.resolve("pod:token");
  host.disk["/run/token"] = token.slice(0, 40);
  await clock.advance(10 * SECOND);
  const pending = resolver.resolve("pod:token");
  await clock.advance(50);
  host.disk["/run/token"] = token;
  await clock.advance(50);
  assertEquals((await pending).get("jwt"), token);
});

Deno.test("tokenFile() looks again for a file that is gone, and is a miss then", async () => {
  const clock = testClock();
  using volume = projectToken(tokenUntil(clock.now() + HOUR));
  const resolver = resolverOf(volume.path, { clock });
  await resolver.resolve("pod:either");
  volume.drop();
  await clock.advance(10 * SECOND);
  const pending = resolver.resolve("pod:either");
  await clock.advance(SECOND);
  const { source, degraded } = await pending;
  assertEquals([source, degraded], ["memory", false]);
  assertEquals((await resolverOf("/nowhere/token").resolve("pod:either")).trace[0], {
    store: "pod",
    outcome: "miss",
    role: "passed",
    detail: "the directory /nowhere does not exist",
  });
});

testInDirectory(
  "tokenFile() takes a path, a file URL, or a variable, and is off where none is set",
  async (directory) => {
    const path = `${directory}/a token`;
    Deno.writeTextFileSync(path, tokenUntil(Date.now() + HOUR));
    const env = { TOKEN_FILE: path };
    for (const given of [path, new URL(`file://${directory}/a%20token`), fromEnv("TOKEN_FILE")]) {
      assertEquals((await resolverOf(given as string, { env }).resolve("pod:token")).source, "pod");
    }
    const off = resolverOf(fromEnv("TOKEN_FILE") as never, { env: {} }, { enabled: whenSet("TOKEN_FILE") });
    assertEquals((await off.resolve("pod:either")).source, "memory");
    const without = resolverOf(path, { files: false });
    assertEquals((await without.resolve("pod:either")).trace[0]!.outcome, "off");
  },
);

Deno.test("a token that was replaced in its file serves a login to Vault and an STS without a restart", async () => {
  const clock = testClock();
  using volume = projectToken(tokenUntil(clock.now() + HOUR));
  await using vault = startVaultStandIn({ "POST auth/jwt/login": loginAnswer() });
  await using security = startStandIn();
  const keysUntil = (time: number) => success({ Expiration: new Date(time).toISOString() });
  security.answer.body = keysUntil(clock.now() + 2 * HOUR);
  const stores = {
    login: vaultLogin({ priority: 4, url: vault.url, method: "jwt", role: "app", credential: "pod:token" }),
    sts: sts({ priority: 3, endpoint: security.endpoint, webIdentity: "pod:token" }),
    pod: tokenFile({ priority: 2, path: volume.path }),
  };
  const chain = defineChain({
    stores,
    credentials: {
      "pod:token": { fields: { token: required() }, from: { pod: { prefix: "" } } },
      "vault:token": { fields: { token: required() }, from: { login: true } },
      "s3:keys": { fields: { access_key: required(), secret_key: required() }, from: { sts: true } },
    },
  });
  const resolver = createResolver(chain, { clock });
  await Promise.all([resolver.resolve("vault:token"), resolver.resolve("s3:keys")]);
  const second = tokenUntil(clock.now() + 3 * HOUR, 2);
  volume.write(second);
  await clock.advance(10 * SECOND);
  await Promise.all([resolver.resolve("vault:token"), resolver.resolve("s3:keys")]);
  assertEquals(JSON.parse(vault.sent.at(-1)!.body).jwt, second);
  assertEquals(security.asked.at(-1)!.WebIdentityToken, second);
  assertEquals([vault.sent.length, security.asked.length], [2, 2]);
});

Deno.test("tokenFile() words what is wrong with a file, and shows nothing of it", async () => {
  const files = {
    "/run/text": "hunter2",
    "/run/no-exp": fakeJwt({ aud: "hunter2" }),
    "/run/two": `${tokenUntil(Date.UTC(2027, 0))}\nhunter2`,
    "/run/blank": " \n",
    "/run/large": "hunter2".repeat(200_000),
  };
  const not = (path: string) => `"pod" is invalid: ${path} is not a JWT with an expiry (exp)`;
  const messages: readonly (readonly [string, TokenFileOptions["path"], object?])[] = [
    [not("/run/text"), "/run/text"],
    [not("/run/no-exp"), "/run/no-exp"],
    [not("/run/two"), "/run/two"],
    [not("$TOKEN_FILE"), fromEnv("TOKEN_FILE") as never],
    [not("/run/blank"), "/run/blank"],
    ['"pod" is invalid: /run/large is larger than 1024 KiB', "/run/large"],
    ['"pod" is invalid: TOKEN_FILE is not set', fromEnv("TOKEN_FILE") as never, {}],
    [
      '"pod" is invalid: path is not a file URL: expected a path, or a URL that begins with file:',
      new URL("https://hunter2.example"),
    ],
  ];
  for (const [message, path, env = { TOKEN_FILE: "/run/text" }] of messages) {
    const host = testHost({ env: env as Record<string, string>, files });
    const pending = rejection(resolverOf(path, host).resolve("pod:token"));
    await host.clock.advance(SECOND);
    const error = await pending;
    assertEquals(error.message, `Cannot resolve "pod:token": ${message}`);
    for (const shown of [error.stack, inspect(error, { depth: null }), JSON.stringify(error)]) {
      assertFalse(String(shown).includes("hunter2"), message);
    }
  }
});

Deno.test("tokenFile() has one name, and another one in a mapping is a mistake in the chain", () => {
  const problemsOf = (pod: { prefix?: string; fields?: { jwt: string | string[] } }) => {
    const chain = defineChain({
      stores: { pod: tokenFile({ priority: 2, path: "/run/token" }) },
      credentials: { "pod:token": { fields: { jwt: required() }, from: { pod } } },
    });
    return assertThrows(() => createResolver(chain, testHost()), ChainError).problems;
  };
  const problem = (name: string) => ({
    path: 'credentials["pod:token"].from.pod',
    message: `Has no "${name}": expected "token" in fields`,
  });
  assertEquals(problemsOf({ prefix: "" }), [problem("jwt")]);
  assertEquals(problemsOf({ fields: { jwt: ["token", "TOKEN"] } }), [problem("TOKEN")]);
});

testInDirectory(
  "tokenFile() and dotenv() read the file itself whose name has a backslash, which is no separator here",
  async (directory) => {
    const own = tokenUntil(Date.now() + HOUR, 1);
    Deno.mkdirSync(`${directory}/app`);
    Deno.writeTextFileSync(`${directory}/app/token`, `TOKEN=${tokenUntil(Date.now() + HOUR, 2)}`);
    Deno.writeTextFileSync(`${directory}/app\\token`, own);
    assertEquals((await resolverOf(`${directory}/app\\token`).resolve("pod:token")).get("jwt"), own);
    Deno.writeTextFileSync(`${directory}/app\\token`, `TOKEN=${own}`);
    const chain = defineChain({
      stores: { local: dotenv({ priority: 1, path: `${directory}/app\\token` }) },
      credentials: { "local:token": { fields: { token: required() }, from: { local: { prefix: "" } } } },
    });
    assertEquals((await createResolver(chain).resolve("local:token")).get("token"), own);
  },
);

testInDirectory(
  "tokenFile() is denied a file that it may not read, and a link out of its directory is invalid",
  async (directory) => {
    const path = `${directory}/token`;
    Deno.writeTextFileSync(path, tokenUntil(Date.now() + HOUR), { mode: 0o000 });
    const read = (permissions: readonly string[], path: string) =>
      runProgram("resolve_token_file.ts", [path], { permissions, unprivileged: true });
    assertEquals(
      await read(["--allow-read"], path),
      `Cannot resolve "pod:token": "pod" is denied: ${path}: no permission to read the file`,
    );
    assertEquals(
      await read([], path),
      `Cannot resolve "pod:token": "pod" is denied: ${path} needs --allow-read=${directory}`,
    );
    using volume = projectToken(tokenUntil(Date.now() + HOUR));
    assertEquals(await read([`--allow-read=${volume.path.replace("/token", "")}`], volume.path), "pod");
    assertEquals(await read([`--allow-read=${volume.path}/..`], volume.path), "pod");
    Deno.mkdirSync(`${directory}/links`);
    Deno.symlinkSync(volume.path, `${directory}/links/token`);
    const { message } = await rejection(resolverOf(`${directory}/links/token`).resolve("pod:token"));
    assertEquals(
      message,
      `Cannot resolve "pod:token": "pod" is invalid: ${directory}/links/token leads outside its directory by a link: ` +
        "expected a path within it",
    );
  },
);

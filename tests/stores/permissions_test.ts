import { assertEquals } from "@std/assert";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { bundleProgram, runProgram } from "../support/programs/run_program.ts";

const READ_FLAGS = ["--allow-env=DB_USER,DB_USER_FILE", "--allow-read"];

Deno.test("env() is denied without --allow-env, and the error names the flag", async () => {
  assertEquals(
    await runProgram("resolve_once.ts", ["/", "env"], { env: { DB_USER: "reader" } }),
    'Cannot resolve "db:basic": "env" is denied: needs --allow-env=DB_USER',
  );
  assertEquals(
    await runProgram("resolve_once.ts", ["/", "env"], {
      env: { DB_USER: "reader" },
      permissions: ["--allow-env=DB_USER"],
    }),
    "env",
  );
});

Deno.test("file() and mounted() are denied without --allow-read, and the error names the flag with the directory", async () => {
  const directory = makeDirectory();
  Deno.writeTextFileSync(`${directory.path}/db.json`, '{"user":"minted"}');
  Deno.writeTextFileSync(`${directory.path}/user`, "mounted");
  for (const [store, name] of [["file", "db.json"], ["mounted", "user"]] as const) {
    assertEquals(
      await runProgram("resolve_once.ts", [directory.path, store], { permissions: ["--allow-env"] }),
      `Cannot resolve "db:basic": "${store}" is denied: ${directory.path}/${name} needs --allow-read=${directory.path}`,
    );
    assertEquals(
      await runProgram("resolve_once.ts", [directory.path, store], { permissions: [`--allow-read=${directory.path}`] }),
      store,
    );
  }
  directory.remove();
});

Deno.test("a NAME_FILE is denied without --allow-read, and the error names the flag without the path", async () => {
  assertEquals(
    await runProgram("resolve_once.ts", ["/", "env-files"], {
      permissions: ["--allow-env"],
      env: { DB_USER_FILE: "/run/secrets/db_user" },
    }),
    'Cannot resolve "db:basic": "env" is denied: DB_USER_FILE needs --allow-read=$DB_USER_FILE',
  );
});

Deno.test("a file whose mode forbids reading is denied, never a miss for which a default is used", async () => {
  const directory = makeDirectory();
  const secret = `${directory.path}/secret`;
  Deno.writeTextFileSync(`${directory.path}/db.json`, '{"user":"minted"}', { mode: 0o000 });
  Deno.writeTextFileSync(`${directory.path}/user`, "mounted", { mode: 0o000 });
  Deno.writeTextFileSync(secret, "from a file", { mode: 0o000 });
  const cases = [
    ["file", `${directory.path}/db.json: no permission to read the file`],
    ["mounted", `${directory.path}/user: no permission to read the file`],
    ["env-files", "DB_USER_FILE: no permission to read the file"],
  ] as const;
  for (const [store, detail] of cases) {
    const output = await runProgram("resolve_once.ts", [directory.path, store], {
      permissions: READ_FLAGS,
      unprivileged: true,
      env: { DB_USER_FILE: store === "env-files" ? secret : "" },
    });
    assertEquals(output, `Cannot resolve "db:basic": "${store.replace("-files", "")}" is denied: ${detail}`);
  }
  directory.remove();
});

Deno.test("a directory whose mode forbids reading is denied, never a miss", async () => {
  const directory = makeDirectory();
  const closed = `${directory.path}/closed`;
  Deno.mkdirSync(closed);
  Deno.writeTextFileSync(`${closed}/db.json`, '{"user":"minted"}');
  Deno.writeTextFileSync(`${closed}/user`, "mounted");
  Deno.chmodSync(closed, 0o000);
  for (const [store, name] of [["file", "db.json"], ["mounted", "user"]] as const) {
    assertEquals(
      await runProgram("resolve_once.ts", [closed, store], { permissions: READ_FLAGS, unprivileged: true }),
      `Cannot resolve "db:basic": "${store}" is denied: ${closed}/${name}: no permission to read the file`,
    );
  }
  Deno.chmodSync(closed, 0o700);
  directory.remove();
});

/** The ways of this package to the network that a resolve can take, by the name of the store. */
const WAYS = ["own", "m2m", "issuer", "sts", "vault"];
const URL_WITH_SECRET = "https://sso.example/token?key=hunter2";

Deno.test("a request without --allow-net is denied on Deno and names the flag, and no lower store serves instead", async () => {
  for (const way of WAYS) {
    const denied = `CredentialError: Cannot resolve "api:token": "${way}" is denied: needs --allow-net=`;
    assertEquals(await runProgram("request_once.ts", [way, URL_WITH_SECRET]), `${denied}sso.example`);
    for (
      const [url, host] of [["http://127.0.0.1:4999/?key=hunter2", "127.0.0.1:4999"], [
        "http://[::1]:4999",
        "[::1]:4999",
      ]]
    ) {
      assertEquals(
        await runProgram("request_once.ts", [way, url!], { permissions: ["--allow-net=sso.example"] }),
        denied + host,
      );
    }
  }
  const permissions = ["--allow-net", "--deny-net=sso.example"];
  assertEquals(
    await runProgram("request_once.ts", ["m2m", URL_WITH_SECRET], { permissions }),
    'CredentialError: Cannot resolve "api:token": "m2m" is denied: needs --allow-net=sso.example',
  );
});

Deno.test("on Deno the token endpoint of an issuer's metadata is denied without --allow-net, and the error names its host", async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { origin } = new URL(request.url);
    return Response.json({ issuer: origin, token_endpoint: "https://sso.example:8443/token?key=hunter2" });
  });
  const host = `127.0.0.1:${server.addr.port}`;
  assertEquals(
    await runProgram("request_once.ts", ["issuer", `http://${host}`], { permissions: [`--allow-net=${host}`] }),
    'CredentialError: Cannot resolve "api:token": "issuer" is denied: needs --allow-net=sso.example:8443',
  );
});

Deno.test("on Deno a redirect to a host without --allow-net is denied, and never blamed on the host that was asked", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.redirect("https://sso.example/?key=hunter2"),
  );
  const host = `127.0.0.1:${server.addr.port}`;
  const permissions = [`--allow-net=${host}`];
  assertEquals(
    await runProgram("request_once.ts", ["following", `http://${host}`], { permissions }),
    'CredentialError: Cannot resolve "api:token": "following" is denied: needs --allow-net',
  );
  assertEquals(
    await runProgram("request_once.ts", ["fetch", `http://${host}`], { permissions }),
    'NotCapable: Requires net access to "sso.example:443", run again with the --allow-net flag',
  );
});

Deno.test("a request without --allow-net is denied on Node with --permission, and no lower store serves instead", async () => {
  using program = await bundleProgram("request_once.ts");
  const permissions = ["--permission", "--allow-fs-read=*"];
  for (const url of ["https://sso.invalid/?key=hunter2", "http://127.0.0.1:4999/?key=hunter2"]) {
    for (const way of WAYS) {
      assertEquals(
        await program.run("node-26", [way, url], { permissions }),
        `CredentialError: Cannot resolve "api:token": "${way}" is denied: needs --allow-net`,
      );
    }
    assertEquals(
      await program.run("node-26", ["m2m", url], { permissions: [...permissions, "--allow-net"] }),
      "memory, degraded",
    );
  }
});

Deno.test("a file that Node's --permission forbids is denied and the error names the flag", async () => {
  using program = await bundleProgram("resolve_once.ts");
  const directory = makeDirectory();
  Deno.writeTextFileSync(`${directory.path}/db.json`, JSON.stringify({ user: "reader" }));
  Deno.writeTextFileSync(`${directory.path}/user`, "reader");
  for (const [store, name] of [["file", "db.json"], ["mounted", "user"]] as const) {
    const permissions = ["--permission"];
    assertEquals(
      await program.run("node-26", [directory.path, store], { permissions }),
      `Cannot resolve "db:basic": "${store}" is denied: ${directory.path}/${name} needs --allow-fs-read=${directory.path}`,
    );
  }
  directory.remove();
});

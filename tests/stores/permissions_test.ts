import { assertEquals } from "@std/assert";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { runProgram } from "../support/programs/run_program.ts";

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
      `Cannot resolve "db:basic": "${store}" is denied: ${name} needs --allow-read=${directory.path}`,
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
    ["file", "db.json: no permission to read the file"],
    ["mounted", "user: no permission to read the file"],
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
      `Cannot resolve "db:basic": "${store}" is denied: ${name}: no permission to read the file`,
    );
  }
  Deno.chmodSync(closed, 0o700);
  directory.remove();
});

import { assert, assertEquals, assertFalse, assertLess, assertStringIncludes } from "@std/assert";
import { inspect } from "node:util";
import { execResolver } from "../../support/fixtures/exec_chain.ts";
import { testInDirectory } from "../../support/fixtures/directory.ts";
import { OwnTime } from "../../support/fixtures/own_time.ts";
import { idsIn, isRunning, runsIn, untilGone, writeProgram } from "../../support/fixtures/programs.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { until } from "../../support/fixtures/until.ts";

const SECRET = "hunter2";
const DOCUMENT = `'{"user":"reader","password":"${SECRET}"}'`;

testInDirectory("a program that ignores SIGTERM is killed at its timeout, with what it started", async (directory) => {
  const program = writeProgram(
    directory,
    "slow",
    `trap '' TERM INT HUP\nsleep 60 & echo $$ $! > ${directory}/ids\necho '{"user":'\nwait\nsleep 60`,
  );
  const resolver = execResolver([program], { timeout: 500 });
  using time = new OwnTime();
  const error = rejection(resolver.resolve("db:basic"));
  const ids = await idsIn(`${directory}/ids`, 2);
  assert(ids.every(isRunning));
  assertStringIncludes((await error).message, "no answer within its timeout of 500 ms");
  assertLess(time.ms, 5_000);
  await untilGone(ids);
});

testInDirectory(
  "a process that keeps the pipe of a program that has ended delays its answer by little, and is killed",
  async (directory) => {
    const program = writeProgram(
      directory,
      "daemon",
      `sleep 60 & echo $! > ${directory}/ids\necho ${DOCUMENT}`,
    );
    using time = new OwnTime();
    const credential = await execResolver([program], { timeout: 30_000 }).resolve("db:basic");
    assertEquals(credential.get("password"), SECRET);
    assertLess(time.ms, 5_000);
    await untilGone(await idsIn(`${directory}/ids`, 1));
  },
);

testInDirectory(
  "a program that fails and leaves a process behind fails at once, and that process is killed",
  async (directory) => {
    const program = writeProgram(directory, "fails", `sleep 60 & echo $! > ${directory}/ids\nexit 3`);
    const { message } = await rejection(execResolver([program], { timeout: 10_000 }).resolve("db:basic"));
    assertStringIncludes(message, `${program} ended with the status 3: run it by hand to see why`);
    await untilGone(await idsIn(`${directory}/ids`, 1));
  },
);

testInDirectory("a program that prints 50 MB is killed at 1 MiB", async (directory) => {
  const program = writeProgram(
    directory,
    "loud",
    `echo $$ > ${directory}/ids\nhead -c 50000000 /dev/zero | tr '\\0' ' '\ntouch ${directory}/ended\nsleep 60`,
  );
  const { message, code } = await rejection(execResolver([program]).resolve("db:basic"));
  assertEquals(code, "invalid");
  assertStringIncludes(message, `${program} printed more than 1024 KiB`);
  await untilGone(await idsIn(`${directory}/ids`, 1));
  assertFalse([...Deno.readDirSync(directory)].some(({ name }) => name === "ended"));
});

testInDirectory("an output of exactly 1 MiB is read whole", async (directory) => {
  const long = 1_048_576 - '{"user":"reader","password":""}'.length;
  const program = writeProgram(
    directory,
    "long",
    `printf '{"user":"reader","password":"'; head -c ${long} /dev/zero | tr '\\0' x; printf '"}'`,
  );
  const credential = await execResolver([program]).resolve("db:basic");
  assertEquals(credential.get("password"), "x".repeat(long));
});

testInDirectory("what a program prints to its standard error is shown nowhere", async (directory) => {
  const program = writeProgram(directory, "talks", `echo ${SECRET} >&2\necho ${SECRET}\nexit 1`);
  const error = await rejection(execResolver([program]).resolve("db:basic"));
  assertFalse(inspect(error, { depth: 20 }).includes(SECRET));
  assertFalse(String(error.stack).includes(SECRET));
});

testInDirectory("a program gets PATH, HOME and the variables that are named, and no other", async (directory) => {
  const program = writeProgram(directory, "dumps", `env > ${directory}/env\necho ${DOCUMENT}`);
  const env = { PATH: "/usr/bin:/bin", HOME: "/home/app", NAMED: "yes", OTHER: SECRET };
  await execResolver([program], { environment: ["NAMED", "ABSENT"] }, { env }).resolve("db:basic");
  const got = Deno.readTextFileSync(`${directory}/env`).trim().split("\n").filter((line) =>
    !/^(PWD|SHLVL|_)=/.test(line)
  );
  assertEquals(got.sort(), ["HOME=/home/app", "NAMED=yes", "PATH=/usr/bin:/bin"]);
});

testInDirectory(
  "a program that reads its standard input finds it empty, and has a session without a terminal",
  async (directory) => {
    const program = writeProgram(
      directory,
      "asks",
      `if read answer; then exit 4; fi\nread -r id name state parent group session rest < /proc/$$/stat\n` +
        `[ "$session" = "$$" ] || exit 5\necho ${DOCUMENT}`,
    );
    assertEquals((await execResolver([program]).resolve("db:basic")).get("user"), "reader");
  },
);

testInDirectory("a program in the working directory is never run, whatever PATH says", async (directory) => {
  writeProgram(directory, "op", `touch ${directory}/ran\necho ${DOCUMENT}`);
  const inner = writeProgram(directory, "calls", `op\necho ${DOCUMENT}`);
  const before = Deno.cwd();
  Deno.chdir(directory);
  try {
    for (
      const PATH of ["", ":", ".", "/usr/bin:", ":/usr/bin", "/usr/bin::/bin", "/usr/bin:.", "usr/bin:./", undefined]
    ) {
      const env = PATH === undefined ? {} : { PATH };
      const { message, code } = await rejection(execResolver(["op"], {}, { env }).resolve("db:basic"));
      assertEquals(code, "invalid");
      assertStringIncludes(message, "op is not in PATH: install it, or write its absolute path");
      // Hint: nor by a program that was found.
      await execResolver([inner], {}, { env }).resolve("db:basic");
    }
  } finally {
    Deno.chdir(before);
  }
  assertFalse([...Deno.readDirSync(directory)].some(({ name }) => name === "ran"));
});

testInDirectory("10,000 callers at once run a program once, and later ones do not run it again", async (directory) => {
  const program = writeProgram(directory, "counts", `echo run >> ${directory}/runs\necho ${DOCUMENT}`);
  const resolver = execResolver([program]);
  await Promise.all(Array.from({ length: 10_000 }, () => resolver.resolve("db:basic")));
  await resolver.resolve("db:basic");
  assertEquals(runsIn(`${directory}/runs`), 1);
  resolver.invalidate("db:basic");
  await resolver.resolve("db:basic");
  assertEquals(runsIn(`${directory}/runs`), 2);
});

testInDirectory("disposing of a resolver ends a program that runs", async (directory) => {
  const program = writeProgram(directory, "slow", `sleep 60 & echo $$ $! > ${directory}/ids\nwait`);
  const resolver = execResolver([program]);
  const error = rejection(resolver.resolve("db:basic"));
  const ids = await idsIn(`${directory}/ids`, 2);
  await resolver[Symbol.asyncDispose]();
  await error;
  await untilGone(ids);
});

testInDirectory("a caller that no longer waits leaves the program to the others", async (directory) => {
  const program = writeProgram(
    directory,
    "waits",
    `echo $$ > ${directory}/ids\nwhile [ ! -e ${directory}/go ]; do sleep 0.05; done\necho ${DOCUMENT}`,
  );
  const resolver = execResolver([program]);
  const controller = new AbortController();
  const aborted = resolver.resolve("db:basic", { signal: controller.signal }).then(() => false, () => true);
  const other = resolver.resolve("db:basic");
  const [id] = await idsIn(`${directory}/ids`, 1);
  controller.abort();
  assert(await aborted);
  assert(isRunning(id!));
  Deno.writeTextFileSync(`${directory}/go`, "");
  assertEquals((await other).get("user"), "reader");
  await until("the program to end", () => Promise.resolve(isRunning(id!) ? undefined : true));
});

import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { createResolver, CredentialError, invalid, type Refusal } from "../../mod.ts";
import { ensure } from "../../src/bootstrap/mod.ts";
import { runtimeDisk } from "../../src/core/runtime/disk.ts";
import { testClock } from "../../src/testing/mod.ts";
import {
  DOCUMENT,
  type Principal,
  principalChain,
  principalOf,
  principalResolver,
} from "../support/bootstrap/principal_chain.ts";
import { testInDirectory as test } from "../support/fixtures/directory.ts";

const LOCK = `.${DOCUMENT}.lock`;

function mustNotMint(): Principal {
  throw new Error("minted");
}

const replacements: Readonly<Record<string, (lock: string) => void>> = {
  "a directory": (lock) => Deno.mkdirSync(lock),
  "a FIFO": (lock) => assert(new Deno.Command("mkfifo", { args: [lock] }).outputSync().success),
  "a link elsewhere": (lock) => Deno.symlinkSync("/etc/hosts", lock),
  "a link to nothing": (lock) => Deno.symlinkSync("nowhere", lock),
};

for (const [what, replace] of Object.entries(replacements)) {
  test(`ensure() gives what it minted and wrote although its lock became ${what}`, async (directory) => {
    const orphans: unknown[] = [];
    const credential = await ensure(principalResolver(directory), "polaris:oauth", () => {
      Deno.removeSync(`${directory}/${LOCK}`);
      replace(`${directory}/${LOCK}`);
      return principalOf(1);
    }, { onOrphan: (values) => void orphans.push(values) });
    assertEquals([credential.get("client_id"), orphans], ["id-1", []]);
    assert(Deno.lstatSync(`${directory}/${LOCK}`), "what is there now is another's");
  });
}

test("ensure() tells why a write failed, not why its lock could not be released", async (directory) => {
  const path = `${directory}/below`;
  const orphans: unknown[] = [];
  const failed = await ensure(principalResolver(path), "polaris:oauth", () => {
    Deno.removeSync(path, { recursive: true });
    Deno.writeTextFileSync(path, "a file");
    return principalOf(1);
  }, { onOrphan: (values) => void orphans.push(values) }).catch((error) => error);
  assert(failed instanceof CredentialError, String(failed));
  assertEquals([failed.code, orphans], ["invalid", [principalOf(1)]]);
});

test("ensure() gives what it wrote although a host cannot release the lock, and refuses a host whose lock throws", async (directory) => {
  const files = runtimeDisk(testClock(), directory)!;
  const failures: readonly (() => unknown)[] = [
    () => {
      throw invalid("another owner") satisfies Refusal;
    },
    () => Promise.reject(new Error(`ENOTDIR: ${directory}`)),
    () => unavailableError(directory),
  ];
  for (const release of failures) {
    const host = { env: {}, files: { ...files, lock: () => ({ release: release as () => void }) } };
    const resolver = createResolver(principalChain(directory), host);
    assertEquals((await ensure(resolver, "polaris:oauth", () => principalOf(1))).get("client_id"), "id-1");
    Deno.removeSync(`${directory}/${DOCUMENT}`);
  }
  const host = { env: {}, files: { ...files, lock: () => unavailableError(directory) } };
  const failed = await ensure(createResolver(principalChain(directory), host), "polaris:oauth", mustNotMint)
    .catch((error) => error);
  assert(failed instanceof CredentialError, String(failed));
  assertEquals(
    failed.message,
    `Cannot ensure "polaris:oauth": "file" is invalid: the host's files threw: fix its code`,
  );
});

function unavailableError(directory: string): never {
  throw Object.assign(new Error(`ENOTDIR: not a directory, open '${directory}'`), { code: "ENOTDIR" });
}

for (const target of ["nowhere", "/etc/hosts"]) {
  test(`ensure() takes over from a lock that is a link to ${target} after ten seconds, and leaves its target alone`, async (directory) => {
    Deno.symlinkSync(target, `${directory}/${LOCK}`);
    const clock = testClock();
    let done = false;
    const ensuring = ensure(principalResolver(directory, { clock }), "polaris:oauth", () => principalOf(1))
      .finally(() => done = true);
    ensuring.catch(() => {});
    for (let second = 0; second < 9; second++) await clock.advance(1_000);
    assertFalse(done, "it took over before ten seconds had passed");
    for (let turn = 0; !done && turn < 100; turn++) await clock.advance(100);
    assert(done, "it waits although ten seconds have passed");
    assertEquals((await ensuring).get("client_id"), "id-1");
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), [DOCUMENT]);
    assertStringIncludes(Deno.readTextFileSync("/etc/hosts"), "localhost");
  });
}

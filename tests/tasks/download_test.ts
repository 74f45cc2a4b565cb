import { assertEquals, assertStringIncludes } from "@std/assert";
import { LOCK, type Network } from "../support/closed_network/network.ts";
import { root, rootUrl } from "../support/closed_network/root.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { runDefaultSuite } from "./run_tests.ts";

const HOW_TO_GO_ON = "No test was started. Run the task once where the npm registry can be reached";

/** Returns the address of a port on which nothing listens. */
function closedAddress(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}/`;
}

Deno.test("without a cache and a registry the task of the tests says once what it lacks and how to go on, and starts none", async () => {
  const address = closedAddress();
  const cache = makeDirectory();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", `--lock=${LOCK.pathname}`, "--allow-all", "tests/tasks/default_suite.ts"],
      cwd: root,
      env: {
        DENO_DIR: cache.path,
        NPM_CONFIG_REGISTRY: address.replace("//", "//reader:not-a-secret@"),
        JSR_URL: new URL("tests/support/closed_network/jsr/", rootUrl).href,
        HTTP_PROXY: address,
        HTTPS_PROXY: address,
        FORCE_COLOR: "1",
      },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals(code, 1);
    assertStringIncludes(err!, "Dependencies: Failed caching npm package '");
    assertStringIncludes(err!, `, from ${address}`);
    assertStringIncludes(err!, HOW_TO_GO_ON);
    assertEquals(err!.includes("not-a-secret"), false);
    assertEquals(out!.split("\n").slice(-3), [
      "Dependencies: downloading those that are not there",
      "0 passed, 1 failed",
      "",
    ]);
  } finally {
    cache.remove();
  }
});

Deno.test("no test is started where the runtimes could not be installed, since each file would try to install them again", async () => {
  const started: string[] = [];
  // A stand-in for Deno on a network where npm fails.
  const network: Network = {
    jsr: "stand-ins",
    lock: LOCK.pathname,
    command: ([subcommand = ""]) => {
      started.push(subcommand);
      return new Deno.Command("false");
    },
    [Symbol.dispose]: () => {},
  };
  assertEquals([await runDefaultSuite(network), started], [{ passed: 0, failed: 1 }, ["run"]]);
});

import { assertEquals, assertStringIncludes } from "@std/assert";
import { createResolver, type Files, fromEnv } from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { DOCUMENT, principalChain, principalOf, principalResolver } from "../support/bootstrap/principal_chain.ts";
import { rejection } from "../support/fixtures/rejection.ts";

const PATH = `/state/${DOCUMENT}`;

Deno.test("persist() writes to the files of a test host, whose disk shows it", async () => {
  const host = testHost();
  const resolver = createResolver(principalChain("/state"), host);
  await persist(resolver, "polaris:oauth", principalOf(1));
  assertEquals(JSON.parse(String(host.disk[PATH])), { ...principalOf(1) });
  assertEquals((await resolver.resolve("polaris:oauth")).get("client_id"), "id-1");
  host.disk[PATH] = '{"big": 9007199254740993}';
  await persist(resolver, "polaris:oauth", principalOf(2));
  assertStringIncludes(String(host.disk[PATH]), '"big": 9007199254740993');
});

Deno.test("a test host has what was written under the path by which its other files are named", async () => {
  for (
    const [directory, disk, path] of [
      ["state", {}, `state/${DOCUMENT}`],
      ["state", { "state/other.json": "{}" }, `state/${DOCUMENT}`],
      ["/state", { "state/other.json": "{}" }, `state/${DOCUMENT}`],
      ["state", { "/state/other.json": "{}" }, `/state/${DOCUMENT}`],
      ["/srv/state", { "state/other.json": "{}" }, `state/${DOCUMENT}`],
      ["/srv/state", { "other/other.json": "{}" }, `/srv/state/${DOCUMENT}`],
      ["state", { [DOCUMENT]: "{}" }, `state/${DOCUMENT}`],
      ["state", { [`./state/${DOCUMENT}`]: "{}" }, `./state/${DOCUMENT}`],
      ["/now", { "/now": { link: "/generations/2" }, "/generations/2/x": "" }, `/generations/2/${DOCUMENT}`],
    ] as const
  ) {
    const host = testHost({ files: { ...disk } });
    await persist(createResolver(principalChain(directory), host), "polaris:oauth", principalOf(1));
    assertEquals(JSON.parse(String(host.disk[path])), { ...principalOf(1) }, path);
  }
});

Deno.test("the mode of a document that was written on a test host can be seen", async () => {
  const host = testHost();
  await persist(createResolver(principalChain("/state", { mode: 0o640 }), host), "polaris:oauth", principalOf(1));
  const files = host.files as Files;
  assertEquals(await files.info(PATH), { type: "file", size: String(host.disk[PATH]).length, mode: 0o640 });
  host.disk[PATH] = "{}";
  assertEquals(await files.info(PATH), { type: "file", size: 2 });
});

Deno.test("a mode or a group that a variable gives is refused before anything is written", async () => {
  for (const option of ["mode", "group"]) {
    const host = testHost({ env: { OWN: "4777" } });
    const chain = principalChain("/state", { [option]: fromEnv("OWN") } as never);
    const { code, message } = await rejection(
      persist(createResolver(chain, host), "polaris:oauth", principalOf(1)),
    );
    assertEquals([code, message.includes(`its option ${option} does not fit`), Object.keys(host.disk)], [
      "invalid",
      true,
      [],
    ]);
  }
});

Deno.test("ensure() mints once for several resolvers on one test host", async () => {
  const host = testHost();
  let minted = 0;
  let done = 0;
  const mint = () => Promise.resolve(principalOf(++minted));
  const asked = [1, 2, 3].map(() =>
    ensure(createResolver(principalChain("/state"), host), "polaris:oauth", mint).finally(() => done++)
  );
  while (done < 3) await host.clock.advance(100);
  assertEquals((await Promise.all(asked)).map((credential) => credential.get("client_id")), ["id-1", "id-1", "id-1"]);
  assertEquals([minted, Object.keys(host.disk), host.clock.timers], [1, [PATH], 0]);
});

Deno.test("what cannot be written on a test host is reported as on a disk", async () => {
  for (
    const [entry, message] of [
      [{ special: true }, `${PATH} is not a regular file`],
      [{ link: "/elsewhere" }, `${PATH} is a link to a file that does not exist`],
      [{ link: "/outside/x" }, `${PATH} leads outside its directory: expected a path within it`],
      ["[1]", `${PATH} is not a JSON object`],
    ] as const
  ) {
    const host = testHost({ files: { [PATH]: entry, "/outside/x": "{}" } });
    const error = await rejection(
      persist(createResolver(principalChain("/state"), host), "polaris:oauth", principalOf(1)),
    );
    assertEquals(error.message, `Cannot persist "polaris:oauth": "file" is invalid: ${message}`);
    assertEquals(host.disk, { [PATH]: entry, "/outside/x": "{}" });
  }
});

Deno.test("a host whose files can only be read is not written to, nor are the machine's own in their place", async () => {
  const { info, realPath, text } = testHost().files as Files;
  const directory = Deno.realPathSync(Deno.makeTempDirSync());
  for (const host of [{ files: { info, realPath, text } }, { asyncFiles: { info, realPath, text } }]) {
    const { message } = await rejection(persist(principalResolver(directory, host), "polaris:oauth", principalOf(1)));
    assertStringIncludes(message, '"file" reads the files of a host, which cannot be written');
  }
  assertEquals([...Deno.readDirSync(directory)], []);
  Deno.removeSync(directory);
});

import { assertEquals, assertRejects } from "@std/assert";
import { ambient } from "../../src/core/runtime/ambient.ts";
import { runtimeFiles } from "../../src/core/runtime/files.ts";
import { createResolver, defineChain, denied, file, required } from "../../mod.ts";
import { testClock, testHost } from "../../src/testing/mod.ts";

Deno.test("testClock() runs timers in order, each at its own time, and lets promises settle in between", async () => {
  const clock = testClock(0);
  const ran: string[] = [];
  const at = (name: string) => () => ran.push(`${name} at ${clock.now()}`);
  clock.after(30, at("third"));
  clock.after(10, () => {
    at("first")();
    Promise.resolve().then(() => clock.after(5, at("second")));
  });
  const cancel = clock.after(20, at("cancelled"));
  cancel();
  clock.after(31, at("later"));
  await clock.advance(30);
  assertEquals(ran, ["first at 10", "second at 15", "third at 30"]);
  assertEquals([clock.now(), clock.timers], [30, 1]);
});

Deno.test("testClock() runs no timer when it jumps, and timers keep their remaining time", async () => {
  const clock = testClock(1_000);
  let ran = false;
  clock.after(10, () => ran = true);
  clock.jump(0);
  assertEquals([clock.now(), ran], [0, false]);
  await clock.advance(9);
  assertEquals(ran, false);
  await clock.advance(1);
  assertEquals(ran, true);
});

Deno.test("testHost() has files with links, directories, sizes and refusals, as a disk has", () => {
  const host = testHost({
    files: {
      "state/a.json": "ключ",
      "/state/link": { link: "a.json" },
      "state/up": { link: "../other/b" },
      "state/absolute": { link: "/other/b" },
      "state/circle": { link: "circle" },
      "other/b": { text: "b", size: 2_000_000 },
      "folder": { link: "state" },
      "state/fifo": { special: true },
      "state/closed": denied("no permission to read the file"),
    },
  });
  const { info, realPath, text } = runtimeFiles(ambient(host)).files!;
  assertEquals(info("state/a.json"), { type: "file", size: 8 });
  assertEquals([info("state/link"), text("state/link")], [{ type: "link", size: 6 }, "ключ"]);
  assertEquals([realPath("state/up"), realPath("state/absolute"), text("folder/up")], ["/other/b", "/other/b", "b"]);
  assertEquals(info("other/b"), { type: "file", size: 2_000_000 });
  assertEquals([info("state"), info("/state/fifo")], [{ type: "other", size: 0 }, { type: "other", size: 0 }]);
  assertEquals(realPath("folder/./../folder"), "/state");
  assertEquals([info("none"), text("none"), realPath("none")], [undefined, undefined, undefined]);
  assertEquals((text("state/circle") as { outcome: string }).outcome, "invalid");
  assertEquals((text("state/closed") as { outcome: string }).outcome, "denied");
  host.disk["state/a.json"] = undefined;
  assertEquals(text("state/a.json"), undefined);
});

Deno.test("testHost() uses no variable, file or network of the machine", async () => {
  const { variable, fetch, random } = ambient(testHost());
  const { files, asyncFiles } = runtimeFiles(ambient(testHost()));
  assertEquals([variable("PATH"), files!.text("/etc/hostname"), random()], [undefined, undefined, 0]);
  assertEquals(await asyncFiles!.text("/etc/hostname"), undefined);
  await assertRejects(
    () => fetch("http://127.0.0.1:1/"),
    TypeError,
    "The test host has no network: pass fetch to testHost()",
  );
  assertEquals(runtimeFiles(ambient(testHost({ files: false }))).files, undefined);
});

function userChain(directory: string | URL) {
  return defineChain({
    stores: { file: file({ priority: 100, directory }) },
    credentials: { "db:user": { fields: { user: required() }, from: { file: "db.json" } } },
  });
}

Deno.test("a relative key of testHost() with a directory is found in a directory that the chain gives as a file URL", async () => {
  const inUrl = userChain(new URL("file:///srv/app/state/"));
  for (
    const [files, user, unread] of [
      [{ "state/db.json": '{"user": "a"}' }, "a", []],
      [{ "./app/state/db.json": '{"user": "a"}', "state/db.json": '{"user": "b"}' }, "a", ["state/db.json"]],
      [{ "/srv/app/state/db.json": '{"user": "a"}', "app/state/db.json": "{}" }, "a", ["app/state/db.json"]],
      [{ "state/db.json": { link: "old/1.json" }, "state/old/1.json": '{"user": "a"}' }, "a", []],
      [{ "db.json": '{"user": "a"}' }, undefined, ["db.json"]],
      [{ "tate/db.json": '{"user": "a"}' }, undefined, ["tate/db.json"]],
      [{ "/state/db.json": '{"user": "a"}' }, undefined, ["/state/db.json"]],
    ] as const
  ) {
    const host = testHost({ files: { ...files } });
    const found = await createResolver(inUrl, host).resolve("db:user", { default: { user: "none" } });
    const expected = [user ?? "none", unread];
    assertEquals([found.get("user"), host.unread], expected, JSON.stringify(files));
  }
});

Deno.test("the trace on a testHost() says that a directory does not exist only where no key is in it", async () => {
  for (
    const [key, detail] of [
      ["state/other.json", undefined],
      ["other/db.json", "the directory /srv/state does not exist"],
    ] as const
  ) {
    const resolver = createResolver(userChain(new URL("file:///srv/state")), testHost({ files: { [key]: "{}" } }));
    const { trace } = await resolver.resolve("db:user", { default: { user: "none" } });
    assertEquals(trace[0]!.detail, detail, key);
  }
});

Deno.test("testHost() says which of its files nothing has read, however they are read", async () => {
  for (const sync of [true, false]) {
    const host = testHost({ files: { "state/db.json": '{"user": "a"}', "state/dbb.json": "{}" } });
    const chain = defineChain({
      stores: { file: file({ priority: 100, directory: "state", sync }) },
      credentials: { "db:user": { fields: { user: required() }, from: { file: "db.json" } } },
    });
    const resolver = createResolver(chain, host);
    assertEquals(host.unread, ["state/db.json", "state/dbb.json"]);
    await resolver.resolve("db:user");
    assertEquals(host.unread, ["state/dbb.json"]);
  }
});

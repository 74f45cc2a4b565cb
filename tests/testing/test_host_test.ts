import { assertEquals, assertRejects } from "@std/assert";
import { ambient } from "../../src/core/runtime/ambient.ts";
import { runtimeFiles } from "../../src/core/runtime/files.ts";
import { denied } from "../../mod.ts";
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

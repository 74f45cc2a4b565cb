import { assertEquals, assertGreater, assertStrictEquals } from "@std/assert";
import { createResolver, defineChain, env, mounted, optional, required, setting } from "../../mod.ts";
import { testClock, testHost } from "../../src/testing/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../support/fixtures/small_chain.ts";

function resolverOf(directory: string, options: { sync?: boolean; recheck?: number } = {}) {
  const stores = { mounted: mounted({ priority: 1, directory, ...options }) };
  return createResolver(smallChain(stores, { mounted: { prefix: "" } }, { fields: LOGIN }).chain);
}

/** Updates a Kubernetes secret volume as the kubelet does: writes a new directory, and renames a link over `..data`. */
const SWAP = `
set -e; cd "$1"; at="$2"; times="$3"
while [ "$times" -gt 0 ]; do
  at=$((at + 1)); times=$((times - 1))
  mkdir "..v$at"; printf %s "version-$at" > "..v$at/user"; printf %s "version-$at" > "..v$at/password"
  ln -s "..v$at" ..data_tmp; mv -T ..data_tmp ..data
  [ -e "..v$((at - 1))" ] && rm -r "..v$((at - 1))"
  for name in user password; do [ -e "$name" ] || ln -s "..data/$name" "$name"; done
done
`;

function startSwaps(path: string, from: number, times: number): Deno.ChildProcess {
  return new Deno.Command("sh", { args: ["-c", SWAP, "sh", path, String(from), String(times)] }).spawn();
}

Deno.test("each file of a directory is a value, without its last line break", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/user`, "reader\n");
  Deno.writeTextFileSync(`${path}/password`, "  spaces and a break \n\n");
  const credential = await resolverOf(path).resolve("db:basic");
  assertEquals([credential.get("user"), credential.get("password")], ["reader", "  spaces and a break \n"]);
  remove();
});

Deno.test("a blank file counts as absent, and a link out of the directory is invalid", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/user`, " \n");
  Deno.writeTextFileSync(`${path}/password`, "\n");
  assertEquals(await resolverOf(path).find("db:basic"), undefined);
  Deno.removeSync(`${path}/user`);
  Deno.symlinkSync("/etc/hostname", `${path}/user`);
  const { code, trace } = await rejection(resolverOf(path).resolve("db:basic"));
  assertEquals([code, trace[0]?.detail], [
    "invalid",
    `${path}/user leads outside its directory by a link: expected a path within it`,
  ]);
  remove();
});

for (const sync of [true, false]) {
  Deno.test(`no resolve fails or mixes two versions while a Kubernetes volume is updated a hundred times (sync: ${sync})`, async () => {
    const { path, remove } = makeDirectory();
    await startSwaps(path, 0, 1).status;
    const resolver = resolverOf(path, { sync, recheck: 0 });
    const swaps = startSwaps(path, 1, 100);
    let swapped = false;
    const done = swaps.status.then(({ success }) => {
      swapped = true;
      assertEquals(success, true);
    });
    const versions = new Set<string>();
    let resolved = 0;
    const end = Date.now() + 30_000;
    while ((resolved < 1_000 || !swapped) && Date.now() < end) {
      const credential = await resolver.resolve("db:basic");
      assertEquals(credential.get("user"), credential.get("password"));
      versions.add(credential.get("user"));
      if (++resolved % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await done;
    assertGreater(resolved, 999);
    assertGreater(versions.size, 3);
    let last = await resolver.resolve("db:basic");
    // Hint: a volume that was updated during each of four reads is unavailable for up to five seconds.
    for (; last.get("user") !== "version-101" && Date.now() < end; last = await resolver.resolve("db:basic")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assertEquals([last.get("user"), last.degraded], ["version-101", false]);
    remove();
  });
}

Deno.test("a volume whose files vanish while it is read is an outage, not an empty volume", async () => {
  const { chain } = smallChain({ mounted: mounted({ priority: 1, directory: "run" }) }, { mounted: { prefix: "" } });
  const clock = testClock();
  const files = { info: () => undefined, realPath: (path: string) => path, text: () => undefined };
  const failing = rejection(createResolver(chain, { files, clock }).resolve("db:basic"));
  await clock.advance(150);
  const { code, trace } = await failing;
  assertEquals([code, trace[0]?.detail], ["unavailable", "the volume kept changing while it was read"]);
});

function mountedAboveSeed(files: Record<string, string | undefined>, onIncomplete?: "next") {
  const stores = {
    mounted: mounted({ priority: 2, directory: "run", ...(onIncomplete && { onIncomplete }) }),
    env: env({ priority: 1 }),
  };
  const seed = { DB_USER: "seed", DB_PASSWORD: "seed" };
  return smallChain(stores, { mounted: { prefix: "" }, env: { prefix: "DB_" } }, { fields: LOGIN, files, env: seed });
}

Deno.test("a byte order mark is not part of a mounted value", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/user`, "\uFEFFreader\r\n");
  Deno.writeTextFileSync(`${path}/password`, "a\uFEFFb");
  for (const sync of [true, false]) {
    const credential = await resolverOf(path, { sync }).resolve("db:basic");
    assertEquals([credential.get("user"), credential.get("password")], ["reader", "a\uFEFFb"]);
  }
  const { resolver } = mountedAboveSeed({ "run/user": "\uFEFFreader", "run/password": "p" });
  assertEquals((await resolver.resolve("db:basic")).get("user"), "reader");
  remove();
});

Deno.test("a mounted value that is UTF-16, or has a NUL in it, is invalid and not another secret", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/user`, "reader");
  for (const bytes of [[0x70, 0, 0x77, 0], [0xff, 0xfe, 0x70, 0], [0x70, 0x77, 0], [0x70, 0xc3]]) {
    Deno.writeFileSync(`${path}/password`, new Uint8Array(bytes));
    const { code, trace } = await rejection(resolverOf(path).resolve("db:basic"));
    assertEquals([code, trace[0]?.detail], ["invalid", `${path}/password is not valid UTF-8 text`]);
  }
  remove();
});

for (const [what, gone] of [["blank", "\n"], ["gone", undefined]] as const) {
  Deno.test(`one field of a mounted credential that is ${what} for a moment does not lead to the seed`, async () => {
    const files: Record<string, string | undefined> = { "run/user": "u", "run/password": "p" };
    const { resolver, host } = mountedAboveSeed(files, "next");
    const first = await resolver.resolve("db:basic");
    host.disk["run/password"] = gone;
    await host.clock.advance(1_000);
    const pending = resolver.resolve("db:basic");
    await host.clock.advance(10);
    host.disk["run/password"] = "p";
    await host.clock.advance(40);
    assertStrictEquals(await pending, first);
  });
}

Deno.test("a mounted field that stays away counts as gone at once from then on", async () => {
  const stores = { mounted: mounted({ priority: 1, directory: "run" }) };
  const fields = { user: required(), note: optional() };
  const files = { "run/user": "u", "run/note": "n" };
  const { resolver, host } = smallChain(stores, { mounted: { prefix: "" } }, { fields, files });
  await resolver.resolve("db:basic");
  delete host.disk["run/note"];
  await host.clock.advance(1_000);
  const pending = resolver.resolve("db:basic");
  await host.clock.advance(50);
  assertEquals((await pending).get("note"), undefined);
  await host.clock.advance(1_000);
  assertEquals((await resolver.resolve("db:basic")).get("note"), undefined);
});

Deno.test("a mounted credential that stays away is not waited for at every call, where it is read once", async () => {
  const stores = { mounted: mounted({ priority: 1, directory: "run", recheck: Infinity }) };
  const files = { "run/user": "u", "run/other": "o" };
  const { resolver, host } = smallChain(stores, { mounted: { prefix: "" } }, { fields: { user: required() }, files });
  await resolver.resolve("db:basic");
  delete host.disk["run/user"];
  resolver.invalidate("db:basic");
  const first = rejection(resolver.resolve("db:basic"));
  await host.clock.advance(50);
  assertEquals((await first).code, "not_found");
  assertEquals((await rejection(resolver.resolve("db:basic"))).trace[0]?.ms, undefined);
  assertEquals(host.clock.timers, 0);
});

Deno.test("a mounted setting below the winner that is gone for a moment is not replaced by its default", async () => {
  const chain = defineChain({
    stores: { env: env({ priority: 2, recheck: 0 }), mounted: mounted({ priority: 1, directory: "run" }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), region: setting({ default: "nowhere" }) },
        from: { env: { fields: { user: "DB_USER" } }, mounted: { fields: { region: "region" } } },
      },
    },
  });
  const host = testHost({ env: { DB_USER: "u" }, files: { "run/region": "north" } });
  const resolver = createResolver(chain, host);
  assertEquals((await resolver.resolve("db:basic")).get("region"), "north");
  delete host.disk["run/region"];
  await host.clock.advance(1_000);
  const pending = resolver.resolve("db:basic");
  host.disk["run/region"] = "north";
  await host.clock.advance(50);
  assertEquals((await pending).get("region"), "north");
});

Deno.test("a mounted directory in the middle of being written is read again, and no lower store answers", async () => {
  const { resolver, host } = mountedAboveSeed({ "run/user": "u" });
  const pending = resolver.resolve("db:basic");
  await host.clock.advance(149);
  host.disk["run/password"] = "p";
  await host.clock.advance(1);
  assertEquals((await pending).source, "mounted");
});

Deno.test("a mounted identity of which a part stays missing stops the walk, unless the chain says otherwise", async () => {
  const { resolver, host } = mountedAboveSeed({ "run/user": "u" });
  const failing = rejection(resolver.resolve("db:basic"));
  await host.clock.advance(150);
  const { code, missing } = await failing;
  assertEquals([code, missing], ["incomplete", ["password"]]);
  const next = mountedAboveSeed({ "run/user": "u" }, "next");
  const pending = next.resolver.resolve("db:basic");
  await next.host.clock.advance(150);
  assertEquals([(await pending).source, (await pending).degraded], ["env", true]);
});

Deno.test("a mounted directory that does not exist is a miss that says so with its whole path, and is logged once", async () => {
  const { resolver, host } = mountedAboveSeed({});
  const detail = `the directory ${Deno.cwd()}/run does not exist`;
  const [step] = (await resolver.resolve("db:basic")).trace;
  assertEquals([step?.outcome, step?.detail], ["miss", detail]);
  await host.clock.advance(1_000);
  await resolver.resolve("db:basic");
  const logged = () => host.events.filter(({ type }) => type === "missing");
  assertEquals(logged(), [{ type: "missing", store: "mounted", detail }]);
  Object.assign(host.disk, { "run/user": "u", "run/password": "p" });
  await host.clock.advance(1_000);
  assertEquals((await resolver.resolve("db:basic")).source, "mounted");
  for (const name of ["run/user", "run/password"]) delete host.disk[name];
  await host.clock.advance(1_000);
  const pending = resolver.resolve("db:basic");
  await host.clock.advance(50);
  assertEquals((await pending).source, "env");
  assertEquals(logged().length, 2);
});

Deno.test("a mounted directory may be given as a file URL", async () => {
  const { path, remove } = makeDirectory();
  Deno.mkdirSync(`${path}/a b`);
  Deno.writeTextFileSync(`${path}/a b/user`, "u");
  const stores = { mounted: mounted({ priority: 1, directory: new URL(`file://${path}/a%20b`) }) };
  const { chain } = smallChain(stores, { mounted: { prefix: "" } });
  assertEquals((await createResolver(chain).resolve("db:basic")).get("user"), "u");
  remove();
});

Deno.test("a mounted field that is blank for a moment is not read under its other name", async () => {
  const stores = { mounted: mounted({ priority: 1, directory: "run" }) };
  const names = { user: ["user", "legacy_user"], password: "password" };
  const { chain } = smallChain(stores, { mounted: { fields: names } }, { fields: LOGIN });
  const host = testHost({ files: { "run/user": "new", "run/legacy_user": "old", "run/password": "p" } });
  const resolver = createResolver(chain, host);
  const first = await resolver.resolve("db:basic");
  host.disk["run/user"] = "";
  await host.clock.advance(1_000);
  const pending = resolver.resolve("db:basic");
  await host.clock.advance(10);
  host.disk["run/user"] = "new";
  await host.clock.advance(40);
  assertStrictEquals(await pending, first);
  delete host.disk["run/user"];
  await host.clock.advance(1_000);
  const gone = resolver.resolve("db:basic");
  await host.clock.advance(100);
  assertEquals((await gone).get("user"), "old", "a file that stays away is gone");
});

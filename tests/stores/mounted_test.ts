import { assertEquals, assertGreater } from "@std/assert";
import { createResolver, mounted } from "../../mod.ts";
import { testClock } from "../../src/testing/mod.ts";
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
  assertEquals([code, trace[0]?.detail], ["invalid", "user leads outside its directory: expected a path within it"]);
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

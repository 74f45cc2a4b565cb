import { assertEquals } from "@std/assert";
import { createResolver, destination, env, memory, mounted, optional, required, setting } from "../../mod.ts";
import type { AnyChain } from "../../src/core/chain/chain.ts";
import { testClock } from "../../src/testing/mod.ts";
import { testInDirectory } from "../support/fixtures/directory.ts";
import { emptiedChecks } from "../support/runtimes/files/emptied.ts";
import { aboveSeed, held, HOLDING, OWN, REFUSING, shown } from "../support/fixtures/one_value_file.ts";

const MINUTE = 60_000;

for (const [name, each] of Object.entries(HOLDING)) {
  testInDirectory(
    `a file that is emptied and written a while later does not lead to the seed: ${name}`,
    async (directory) => {
      const { path, write, clock, events, resolver, resolve } = aboveSeed(directory, each);
      write("first");
      assertEquals(await resolve(), OWN);
      for (const version of ["second", "third"]) {
        write(undefined);
        for (let passed = 0; passed < 50_000; passed += 5_000) {
          await clock.advance(5_000);
          assertEquals(await resolve(), held(path), `${passed} ms`);
        }
        write(version);
        await clock.advance(5_000);
        assertEquals(await resolve(), OWN);
        assertEquals((await resolver.resolve("api:token")).get("token" as never), version);
      }
      assertEquals(events.filter(({ type }) => type === "degraded").length, 2);
      assertEquals(clock.timers, 0);
    },
  );

  testInDirectory(
    `a file that stays empty for a minute, or is removed, counts as absent: ${name}`,
    async (directory) => {
      const { write, path, clock, resolve } = aboveSeed(directory, each);
      const seed = ["seed", "", undefined];
      write("first");
      await resolve();
      write(undefined);
      await clock.advance(1_000);
      assertEquals(await resolve(), held(path));
      await clock.advance(MINUTE);
      assertEquals(await resolve(), seed);
      write("second");
      await clock.advance(1_000);
      assertEquals(await resolve(), OWN);
      write(undefined);
      await clock.advance(1_000);
      assertEquals(await resolve(), held(path), "a minute of its own");
      Deno.removeSync(path);
      await clock.advance(5_000);
      assertEquals((await resolve())[0], "seed");
    },
  );

  testInDirectory(`a file that is empty when a program starts counts as absent: ${name}`, async (directory) => {
    const { write, clock, resolve } = aboveSeed(directory, each);
    write(undefined);
    assertEquals(await resolve(), ["seed", "", undefined]);
    write("first");
    await clock.advance(1_000);
    assertEquals(await resolve(), OWN);
  });
}

for (const [name, each] of Object.entries(REFUSING)) {
  testInDirectory(`a file that is emptied is invalid, and does not lead to the seed: ${name}`, async (directory) => {
    const { write, clock, resolve } = aboveSeed(directory, each);
    write("first");
    assertEquals(await resolve(), OWN);
    write(undefined);
    for (const passed of [10_000, MINUTE, 2 * MINUTE]) {
      await clock.advance(passed);
      assertEquals((await resolve())[0], "invalid");
    }
    write("second");
    assertEquals(await resolve(), OWN);
  });
}

testInDirectory(
  "a file that is emptied while nothing of it is held is an outage, and what a lower store has is degraded",
  async (directory) => {
    const { path, write, clock, resolve } = aboveSeed(directory, HOLDING.mounted!);
    write("first");
    await resolve();
    Deno.writeFileSync(path, new Uint8Array([0x61, 0xc3]));
    await clock.advance(1_000);
    assertEquals((await resolve())[0], "invalid");
    write(undefined);
    await clock.advance(1_000);
    assertEquals(await resolve(), [
      "seed",
      "degraded",
      `${path} was emptied: expected a value within a minute`,
    ]);
    write("second");
    await clock.advance(1_000);
    assertEquals(await resolve(), OWN);
  },
);

testInDirectory("a clock that goes back does not make the minute of an emptied file longer", async (directory) => {
  const { path, write, clock, resolve } = aboveSeed(directory, HOLDING.mounted!);
  write("first");
  await resolve();
  write(undefined);
  await clock.advance(1_000);
  assertEquals(await resolve(), held(path));
  clock.jump(clock.now() - 60 * MINUTE);
  assertEquals(await resolve(), held(path));
  await clock.advance(MINUTE);
  assertEquals((await resolve())[0], "seed");
});

testInDirectory(
  "a part of an identity whose file is emptied gives neither a mixture nor half of it",
  async (directory) => {
    for (const name of ["user", "password", "session"]) Deno.writeTextFileSync(`${directory}/${name}`, "first");
    const clock = testClock();
    const chain = {
      stores: {
        own: mounted({ priority: 2, directory }),
        seed: memory({ priority: 1, values: { user: "s", password: "s" } }),
      },
      credentials: {
        "db:basic": {
          fields: { user: required(), password: required(), session: optional() },
          from: { own: { prefix: "" }, seed: { prefix: "" } },
        },
      },
    };
    const resolver = createResolver(chain as unknown as AnyChain, { clock, random: () => 0 });
    await resolver.resolve("db:basic");
    for (const name of ["user", "password", "session"]) {
      Deno.writeTextFileSync(`${directory}/${name}`, "");
      await clock.advance(5_000);
      assertEquals(await shown(clock, resolver.resolve("db:basic")), held(`${directory}/${name}`));
      Deno.writeTextFileSync(`${directory}/${name}`, "first");
      await clock.advance(5_000);
      assertEquals(await shown(clock, resolver.resolve("db:basic")), OWN);
    }
  },
);

testInDirectory(
  "a setting of a lower store whose file is emptied is replaced by its default, degraded, and a destination is not",
  async (directory) => {
    for (
      const [field, end] of [[setting({ default: "d" }), "seed"], [
        destination({ default: "https://d", from: ["own"] }),
        "unavailable",
      ]] as const
    ) {
      Deno.writeTextFileSync(`${directory}/url`, "https://first");
      const clock = testClock();
      const chain = {
        stores: { seed: env({ priority: 2, recheck: 0 }), own: mounted({ priority: 1, directory }) },
        credentials: {
          "api:token": {
            fields: { token: required(), url: field },
            from: { seed: { fields: { token: "SEED" } }, own: { fields: { url: "url" } } },
          },
        },
      };
      const resolver = createResolver(chain as unknown as AnyChain, { env: { SEED: "seed" }, clock, random: () => 0 });
      await resolver.resolve("api:token");
      Deno.writeTextFileSync(`${directory}/url`, "");
      await clock.advance(1_000);
      const [source, degraded] = await shown(clock, resolver.resolve("api:token"));
      assertEquals([source, degraded], [end, end === "seed" ? "degraded" : ""]);
    }
  },
);

testInDirectory(
  "a variable that is blank in a dotenv file that is not empty counts as absent at once",
  async (directory) => {
    const { path, write, clock, resolve } = aboveSeed(directory, HOLDING.dotenv!);
    write("first");
    await resolve();
    Deno.writeTextFileSync(path, "OWN=\n");
    await clock.advance(1_000);
    assertEquals((await resolve())[0], "seed");
  },
);

for (const [name, check] of Object.entries(emptiedChecks)) {
  Deno.test(name, async () => {
    await check();
  });
}

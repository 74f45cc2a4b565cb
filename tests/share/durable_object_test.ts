import { assertEquals, assertGreater } from "@std/assert";
import { until } from "../support/fixtures/until.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { CONFORMS } from "../support/share/conforms.ts";
import { SEAL } from "../support/share/fleet.ts";
import { startTokenWorkers } from "../support/share/token_workers.ts";

Deno.test("Durable Objects on workerd", async (t) => {
  await using workers = await startTokenWorkers();

  for (const worker of [0, 1] as const) {
    const whose = worker ? "another script" : "its own script";
    await t.step(`pass all checks of an engine in a Worker with the objects of ${whose}`, async () => {
      assertEquals(await workers.ask(worker, "/conformance"), CONFORMS);
    });
  }

  await t.step(
    "share a text between two requests of one isolate, which keeps its register, and with another",
    async () => {
      const name = crypto.randomUUID();
      const put = { name, text: "first", ttl: "60000" };
      assertEquals(await workers.ask(0, "/swap", put), { version: "first" });
      assertEquals(await workers.ask(0, "/swap", put), {});
      for (const worker of [0, 1] as const) {
        const { now, ...found } = await workers.ask(worker, "/get", { name });
        assertGreater(now, 1.7e12);
        assertEquals(found, { text: "first", version: "first" });
      }
      assertEquals(await workers.ask(1, "/swap", { ...put, before: "first", text: "second" }), { version: "second" });
      assertEquals((await workers.ask(0, "/get", { name })).text, "second");
    },
  );

  await t.step("let one of 60 requests in two isolates put a text", async () => {
    const name = crypto.randomUUID();
    const answers = await Promise.all(
      Array.from(
        { length: 60 },
        (_, at) => workers.ask(at % 2 as 0 | 1, "/swap", { name, text: `${at}`, ttl: "60000" }),
      ),
    );
    const winners = answers.flatMap(({ version }) => version === undefined ? [] : [version]);
    assertEquals(winners, [(await workers.ask(0, "/get", { name })).text]);
  });

  await t.step("keep nothing of a text that has lapsed, and count the newest one's ttl", async () => {
    const [name, replaced] = [crypto.randomUUID(), crypto.randomUUID()];
    await workers.ask(0, "/swap", { name, text: "first", ttl: "300" });
    await workers.ask(0, "/swap", { name: replaced, text: "first", ttl: "300" });
    assertEquals(await workers.ask(0, "/stored", { name }) as unknown, ["entry"]);
    await workers.ask(0, "/swap", { name: replaced, before: "first", text: "second", ttl: "60000" });
    await until("nothing to be kept", async () => {
      const stored = await workers.ask(0, "/stored", { name }) as unknown as string[];
      return stored.length === 0 || undefined;
    });
    assertEquals((await workers.ask(0, "/get", { name: replaced })).text, "second");
  });

  await t.step("say what to bind where the binding is missing, or is that of another class", async () => {
    assertEquals(await workers.ask(0, "/unbound"), {
      outcome: "invalid",
      detail: "connect() returned nothing that has idFromName(): fix it as the engine's documentation shows",
    });
    assertEquals(await workers.ask(0, "/other"), {
      outcome: "invalid",
      detail: "the object's answer is not one of TokenRegister: bind that class",
    });
  });

  await t.step(
    "let two isolates obtain one token of a real OAuth server, and one more once that is refused",
    async () => {
      await using oidc = await startOidcProvider();
      await oidc.setDelay(200);
      const { clientId: client_id, clientSecret: client_secret } = oidc.clients.basic;
      const login = { token_endpoint: oidc.tokenEndpoint, client_id, client_secret, key: SEAL };
      const tokens = async (refused = "") => {
        const ask = (at: number) => workers.ask(at % 2 as 0 | 1, "/token", { ...login, refused });
        const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => ask(at)));
        return [...new Set(answers.map(({ token }) => token as string))];
      };
      const [first, ...others] = await tokens();
      assertEquals([others, await oidc.tokenRequests()], [[], 1]);
      const [second, ...more] = await tokens(first);
      assertEquals([second === first, more, await oidc.tokenRequests()], [false, [], 2]);
    },
  );

  if (Deno.env.get("FIGURES")) console.log(await workers.ask(1, "/measure", { name: crypto.randomUUID() }));
});

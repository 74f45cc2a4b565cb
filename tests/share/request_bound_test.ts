import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { denied } from "../../mod.ts";
import { OwnTime } from "../support/fixtures/own_time.ts";
import { until } from "../support/fixtures/until.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";
import { Fleet, SEAL } from "../support/share/fleet.ts";
import { startTokenWorkers } from "../support/share/token_workers.ts";

const SECOND = 1_000;

/** Creates a machine that obtains the token for four seconds, and a request of workerd that waits for it. */
async function waitingRequest() {
  const fleet = new Fleet();
  const [owner] = fleet.add(1);
  const [waiting] = fleet.add(1, { requestBound: true });
  fleet.delay = 4 * SECOND;
  owner!.token().catch(() => {});
  await fleet.pass(100);
  return { fleet, waiting: waiting! };
}

Deno.test("on workerd, isolates share one token, and each connection ends with the request that opened it", async () => {
  const fleet = new Fleet();
  fleet.add(6, { requestBound: true });
  assertEquals(new Set(await fleet.tokens()), new Set(["token-1"]));
  assertEquals(fleet.requests.length, 1);
  assertEquals(fleet.register.closed, fleet.register.opened);
});

Deno.test("on workerd, one run asks the engine eight times at most, and then obtains its own token", async () => {
  const fleet = new Fleet();
  fleet.add(3, { requestBound: true });
  fleet.delay = 4 * SECOND;
  const before = fleet.clock.now();
  const tokens = await fleet.tokens();
  assertEquals(tokens.length, 3);
  assertLess(fleet.clock.now() - before, 8 * SECOND);
  for (const { name } of fleet.machines) {
    assertLessOrEqual(fleet.register.calls.filter(({ machine }) => machine === name).length, 8);
  }
  const [fresh] = fleet.add(1, { requestBound: true });
  assertEquals((await fleet.tokens([fresh!])).length, 1);
  assertEquals(fleet.requests.length, 3);
});

Deno.test("on workerd, a run that has no call left for the result takes no lease, so that nobody waits for it", async () => {
  const { fleet, waiting } = await waitingRequest();
  let calls = 0, swaps = 0;
  fleet.register.fault = ({ machine, op }) => {
    if (machine !== waiting.name) return { there: Infinity };
    if (op === "swap") swaps++;
    if (++calls === 7) fleet.register.texts.clear();
    return undefined;
  };
  assertEquals(await fleet.tokens([waiting]), ["token-2"]);
  assertEquals([calls, swaps], [7, 0]);
});

Deno.test("on workerd, an engine that hangs leaves nothing behind that a later request waits for", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1, { requestBound: true });
  fleet.lifetime = 2 * SECOND;
  fleet.register.fault = () => ({ there: Infinity });
  await fleet.tokens();
  fleet.register.fault = () => undefined;
  await fleet.pass(8 * SECOND);
  await fleet.tokens([machine!]);
  assertEquals(machine!.resolver.peek("fleet:api")!.trace[0]!.shared, "minted");
  assertEquals(fleet.register.closed, fleet.register.opened);
});

Deno.test("on workerd, requests of one isolate that wait for a slow server send it one request", async () => {
  const fleet = new Fleet();
  const [machine] = fleet.add(1, { requestBound: true });
  for (const delay of [2.2, 2.6, 3, 3.4]) {
    fleet.delay = delay * SECOND;
    const before = fleet.requests.length;
    const waiting = Array.from({ length: 5 }, () => machine!);
    assertEquals(new Set(await fleet.tokens(waiting)).size, 1);
    await fleet.pass(5 * SECOND);
    assertEquals(fleet.requests.length, before + 1, `${delay}`);
    await fleet.pass(3_600 * SECOND);
  }
});

function loginOf(oidc: OidcProvider): Readonly<Record<string, string>> {
  const { clientId: client_id, clientSecret: client_secret } = oidc.clients.basic;
  return { token_endpoint: oidc.tokenEndpoint, client_id, client_secret, key: SEAL };
}

Deno.test("On workerd", async (t) => {
  await using workers = await startTokenWorkers();

  await t.step(
    "an engine that never answers delays each request by seconds, fails none, and is not in the way of the next",
    async () => {
      await using oidc = await startOidcProvider();
      // Hint: a port on which nobody accepts connections, as that of a server that hangs.
      using engine = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const login = { ...loginOf(oidc), engine: `http://127.0.0.1:${engine.addr.port}/` };
      const requests = 6;
      let refused = "";
      for (let round = 1; round <= 2; round++) {
        using time = new OwnTime();
        const ask = () => workers.ask(0, "/token", { ...login, refused });
        const answers = await Promise.all(Array.from({ length: requests }, ask));
        assertLess(time.ms, 10 * SECOND);
        for (const { token, message } of answers) assertEquals([typeof token, message], ["string", undefined]);
        assertLessOrEqual(await oidc.tokenRequests(), round * requests);
        refused = answers[0]!.token as string;
      }
      assertEquals(workers.output, "");
    },
  );

  await t.step(
    "a request that ends while it obtains the token costs each isolate that waits one more at most, and no other request its token",
    async () => {
      await using oidc = await startOidcProvider();
      const login = { ...loginOf(oidc), lease: "2000" };
      await oidc.hold();
      const { promise: end, resolve: answer } = Promise.withResolvers<Response>();
      await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => end);
      const first = workers.ask(0, "/token", { ...login, end: `http://127.0.0.1:${server.addr.port}/` });
      const asked = (count: number) =>
        until(`${count} requests`, async () => await oidc.tokenRequests() >= count || undefined);
      await asked(1);
      const others = Promise.all(Array.from({ length: 6 }, (_, at) => workers.ask(at % 2 as 0 | 1, "/token", login)));
      answer(new Response());
      assertEquals(await first, { ended: 200 });
      using time = new OwnTime();
      await asked(2);
      await oidc.release();
      const answers = await others;
      assertLess(time.ms, 14 * SECOND);
      assertEquals(answers.map(({ message }) => message).filter((message) => message !== undefined), []);
      // Hint: who has no call of the engine left, after 1.7 s, asks the server before a lease of 2 s is over.
      assertLessOrEqual(new Set(answers.map(({ token }) => token)).size, 2);
      assertLessOrEqual(await oidc.tokenRequests(), 3);
      assertEquals(workers.output, "");
    },
  );
});

Deno.test("on workerd, a call that is refused at the end of what one request may ask is not made again", async () => {
  const { fleet, waiting } = await waitingRequest();
  let calls = 0;
  fleet.register.fault = ({ machine }) => {
    if (machine !== waiting.name || ++calls < 8) return undefined;
    waiting.env.ENGINE_PASSWORD = "rotated";
    return { refused: denied("the password is wrong") };
  };
  await fleet.tokens([waiting]);
  assertEquals(calls, 8);
});

import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { denied } from "../../mod.ts";
import { Fleet } from "../support/share/fleet.ts";

const SECOND = 1_000;

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
  const fleet = new Fleet();
  const [owner] = fleet.add(1);
  const [waiting] = fleet.add(1, { requestBound: true });
  fleet.delay = 4 * SECOND;
  owner!.token().catch(() => {});
  await fleet.pass(100);
  let calls = 0, swaps = 0;
  fleet.register.fault = ({ machine, op }) => {
    if (machine !== waiting!.name) return { there: Infinity };
    if (op === "swap") swaps++;
    if (++calls === 7) fleet.register.texts.clear();
    return undefined;
  };
  assertEquals(await fleet.tokens([waiting!]), ["token-2"]);
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

Deno.test("on workerd, a call that is refused at the end of what one request may ask is not made again", async () => {
  const fleet = new Fleet();
  const [owner] = fleet.add(1);
  const [waiting] = fleet.add(1, { requestBound: true });
  fleet.delay = 4 * SECOND;
  owner!.token().catch(() => {});
  await fleet.pass(100);
  let calls = 0;
  fleet.register.fault = ({ machine }) => {
    if (machine !== waiting!.name || ++calls < 8) return undefined;
    waiting!.env.ENGINE_PASSWORD = "rotated";
    return { refused: denied("the password is wrong") };
  };
  await fleet.tokens([waiting!]);
  assertEquals(calls, 8);
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { awaited, type Contender, measure, ONCE, sync } from "./measure.ts";
import { rows } from "./rows.ts";
import { TOKEN, VALUES } from "./values.ts";

for (const { what, own = [], prepare } of Object.values(rows)) {
  Deno.test(`the benchmark "${what}" runs and returns its figures`, async () => {
    const { floor, subject, ...others } = await measure(await prepare(), ONCE);
    assertEquals(floor!.ratio, 1);
    assert(subject!.time! > 0 && subject!.ratio! > 0);
    assertEquals(Object.keys(others), own);
  });
}

const right = sync(() => VALUES);

function race(peer: Contender, single = false) {
  return measure({ floor: right, subject: right, peers: { peer }, single }, ONCE);
}

Deno.test("a contender that gives the values in its own words is timed", async () => {
  const { client_id, client_secret } = VALUES;
  const rightToo = [
    sync(() => ({ accessKeyId: client_id, secretAccessKey: client_secret })),
    sync(() => ({ get: (name: keyof typeof VALUES) => VALUES[name] })),
    awaited(() => Promise.resolve({ token: TOKEN })),
    sync(() => () => VALUES, (ask) => ask()),
    sync(() => [VALUES, VALUES]),
  ];
  for (const peer of rightToo) assertEquals(Object.keys(await race(peer)), ["floor", "subject", "peer"]);
});

Deno.test("a contender that does other work is refused by its name, since its time would say nothing", async () => {
  const wrong: readonly (readonly [Contender, string])[] = [
    [sync(() => ({ ...VALUES, client_id: "writer" })), "expected the client_id of the row, found another"],
    [
      awaited(() => Promise.resolve({ client_id: VALUES.client_id })),
      "expected the client_secret of the row, found none",
    ],
    [sync(() => undefined), "expected the client_id of the row, found none"],
    [awaited(() => Promise.resolve([VALUES, undefined])), "expected the client_id of the row, found none"],
    [sync(() => []), "expected an answer, found none"],
    [{ ...right, cost: () => ({ requests: 0 }) }, "expected a request, found none"],
  ];
  for (const [peer, message] of wrong) {
    await assertRejects(() => race(peer), Error, `Cannot compare "peer": ${message}`);
  }
});

Deno.test("a contender that stops to do its work while it is timed is refused", async () => {
  let calls = 0;
  const peer = sync(() => calls++ < 1 ? VALUES : undefined);
  await assertRejects(() => race(peer, true), Error, `Cannot compare "peer"`);
});

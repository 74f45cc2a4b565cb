import { assert, assertEquals } from "@std/assert";
import { testClock } from "../../../src/testing/mod.ts";
import { parseExpiration } from "../../../src/core/chain/expiration.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { awsError, resolverOf, startStandIn, success } from "../../support/stand_ins/sts.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const NOON = Date.UTC(2027, 0, 1, 12);

Deno.test("sts() reads an expiry without a zone as UTC, in every form that servers write", () => {
  const forms = [
    "2027-01-01T12:00:00Z",
    "2027-01-01T12:00:00",
    "2027-01-01 12:00:00",
    "2027-01-01T12:00",
    "2027-01-01T12:00:00.000Z",
    "2027-01-01T12:00:00.000000000Z",
    "2027-01-01 12:00:00.0",
    "2027-01-01t12:00:00z",
    "2027-01-01T12:00:00+0000",
    "2027-01-01T12:00:00+00:00",
    "2027-01-01T12:00:00+00",
    "2027-01-01 12:00:00 +0000",
    "2027-01-01 12:00:00 UTC",
    "2027-01-01T13:30:00.123456+01:30",
    "2027-01-01T05:00:00-0700",
  ];
  for (const form of forms) {
    assertEquals(parseExpiration(form), form.includes(".123") ? NOON + 123 : NOON, form);
  }
  for (const form of ["", "soon", "12:00:00Z", "2027-01-01T12:00:00 CET", "2027-01-01T12:00:00+99:99", "1767229200"]) {
    assertEquals(parseExpiration(form), NaN, form);
  }
});

Deno.test("sts() takes no day for an expiry that no calendar has, which some runtimes take for a later one", () => {
  for (
    const day of ["2027-02-29", "2027-02-31", "2027-04-31", "2027-13-01", "2027-00-10", "2027-01-00", "2027-01-32"]
  ) {
    assertEquals(parseExpiration(`${day}T12:00:00Z`), NaN, day);
  }
  assertEquals(parseExpiration("2028-02-29T12:00:00Z"), Date.UTC(2028, 1, 29, 12));
});

Deno.test("sts() reads an expiry alike wherever a machine is", async () => {
  const program = new URL("../../../src/core/chain/expiration.ts", import.meta.url).href;
  const code = `import { parseExpiration } from "${program}"; console.log(parseExpiration("2027-01-01T12:00:00"));`;
  for (const TZ of ["Asia/Kolkata", "America/Los_Angeles"]) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", "--ext=ts", code],
      env: { TZ, NO_COLOR: "1" },
    }).output();
    assertEquals(new TextDecoder().decode(stdout).trim(), String(NOON), TZ);
  }
});

/** Writes the elements of a document with a prefix, as Dell ECS does. */
function prefixed(xml: string): string {
  return xml.replace(/<(\/?)(?=[A-Z])/g, "<$1ns2:").replace("xmlns=", "xmlns:ns2=");
}

Deno.test("sts() reads an answer whose elements have a prefix, another order and any white space", async () => {
  await using server = startStandIn();
  const spaced = success().replace(/></g, ">\r\n\t <").replace(
    /(<(?:AccessKeyId|SecretAccessKey)>)(.*?)</g,
    "$1\n $2 <",
  );
  const reversed = success().replace(
    /<Credentials>.*<\/Credentials>/s,
    (text) => `<Credentials>${text.match(/<(\w+)>[^<]*<\/\1>/g)!.reverse().join("\n")}</Credentials>`,
  );
  for (const body of [prefixed(success()), spaced, prefixed(spaced), reversed]) {
    server.answer.body = body;
    const credential = await resolverOf({ endpoint: server.endpoint }).resolve("minio:sts");
    assertEquals(
      ["access_key", "secret_key", "session_token"].map((field) => credential.get(field as "access_key")),
      ["fakeaccess", "fake/secret+key=", "fake//token=="],
    );
  }
});

Deno.test("sts() reads an error whose elements have a prefix, and is as strict with such an answer", async () => {
  await using server = startStandIn();
  const ask = async (status: number, body: string) => {
    Object.assign(server.answer, { status, body });
    const { code, trace } = await rejection(resolverOf({ endpoint: server.endpoint }).resolve("minio:sts"));
    return [code, trace[0]?.detail];
  };
  assertEquals(await ask(400, prefixed(awsError("ExpiredToken"))), [
    "denied",
    '"minio:identity" from "memory" was refused (HTTP 400, ExpiredToken)',
  ]);
  const unusable = ["invalid", "the answer has no usable SecretAccessKey"];
  assertEquals(await ask(200, prefixed(success({ SecretAccessKey: "a&amp;b" }))), unusable);
  // Hint: of two elements that have one name without their prefixes, neither counts.
  const twice = success().replace("<SecretAccessKey>", "<x:SecretAccessKey>other</x:SecretAccessKey><SecretAccessKey>");
  assertEquals(await ask(200, twice), unusable);
  assertEquals(await ask(200, prefixed(success({ AccessKeyId: "<![DATA[fakeaccess]]>" }))), [
    "invalid",
    "the answer is not XML: expected that of an STS",
  ]);
});

/** Asks a stand-in whose clock is right, on a machine whose clock is off. */
function askWithClock(off: number, lifetime = HOUR) {
  const server = startStandIn();
  const now = Date.now();
  const expiresAt = Math.floor(now / 1_000) * 1_000 + lifetime;
  server.answer.body = success({ Expiration: new Date(expiresAt).toISOString() });
  const clock = testClock(now + off);
  const resolver = resolverOf({ endpoint: server.endpoint }, true, { clock });
  return { server, clock, resolver, expiresAt, now };
}

Deno.test("sts() says that this machine's clock is ahead where it takes new keys for expired ones", async () => {
  for (const [off, words] of [[2 * HOUR, "2 h"], [3 * 24 * HOUR, "3 days"], [61 * MINUTE, "61 min"]] as const) {
    const { server, resolver } = askWithClock(off);
    await using _ = server;
    const { code, trace } = await rejection(resolver.resolve("minio:sts"));
    assertEquals([code, trace[0]?.detail], [
      "invalid",
      `this machine's clock is ${words} ahead of the server's, so that new keys have expired here: correct the clock`,
    ]);
  }
});

Deno.test("sts() does not blame the clock for keys that have expired by the server's clock too", async () => {
  const { server, resolver } = askWithClock(2 * HOUR, -MINUTE);
  await using _ = server;
  const { trace } = await rejection(resolver.resolve("minio:sts"));
  assertEquals(trace[0]?.detail, "the expiry of the token is not a time in the future");
});

Deno.test("sts() uses keys on a machine whose clock is ahead until they expire there", async () => {
  const { server, resolver, expiresAt } = askWithClock(20 * MINUTE);
  await using _ = server;
  assertEquals((await resolver.resolve("minio:sts")).expiresAt, expiresAt);
});

Deno.test("sts() uses keys on a machine whose clock is behind no longer than they live", async () => {
  for (const off of [-2 * HOUR, -20 * MINUTE, -10_000]) {
    const { server, resolver, clock } = askWithClock(off);
    await using _ = server;
    const began = clock.now();
    const { expiresAt } = await resolver.resolve("minio:sts");
    assert(expiresAt! <= began + HOUR && expiresAt! > began + HOUR - 5_000, `${expiresAt! - began}`);
  }
});

Deno.test("sts() uses keys no longer than they live where a server keeps the second of its Date", async () => {
  const { server, resolver, clock, now } = askWithClock(-2 * HOUR);
  await using _ = server;
  server.answer.headers.date = new Date(now - 1_600).toUTCString();
  const began = clock.now();
  const { expiresAt } = await resolver.resolve("minio:sts");
  assert(expiresAt! <= began + HOUR && expiresAt! > began + HOUR - 5_000, `${expiresAt! - began}`);
});

Deno.test("sts() says in words that a request was refused because the clocks differ, and keeps the keys", async () => {
  for (const code of ["RequestTimeTooSkewed", "RequestExpired"]) {
    await using server = startStandIn();
    Object.assign(server.answer, { status: 403, body: awsError(code) });
    const clock = testClock(Date.now() - 2 * HOUR);
    const error = await rejection(resolverOf({ endpoint: server.endpoint }, true, { clock }).resolve("minio:sts"));
    assertEquals([error.code, error.trace[0]?.detail], [
      "invalid",
      `the server answered HTTP 403, ${code}: this machine's clock is 2 h behind the server's: correct the clock`,
    ]);
    const late = await rejection(resolverOf({ endpoint: server.endpoint }).resolve("minio:sts"));
    assertEquals([late.code, late.trace[0]?.detail], ["unavailable", `the server answered HTTP 403, ${code}`]);
    Object.assign(server.answer, { status: 200, body: success() });
    const resolver = resolverOf({ endpoint: server.endpoint }, true, { clock });
    const held = await resolver.resolve("minio:sts");
    Object.assign(server.answer, { status: 403, body: awsError(code) });
    await clock.advance(50 * MINUTE);
    assertEquals(await resolver.resolve("minio:sts"), held);
  }
});

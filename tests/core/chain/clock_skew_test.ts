import { assertEquals } from "@std/assert";
import { clockSkew } from "../../../src/core/chain/clock_skew.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const skewOf = (date?: string) => clockSkew(new Headers(date === undefined ? {} : { date }), NOW);
const at = (ms: number) => skewOf(new Date(NOW + ms).toUTCString());

Deno.test("clockSkew() says which way the clock is off, and roughly how much", () => {
  assertEquals(at(-2 * HOUR), "this machine's clock is 2 h ahead of the server's");
  assertEquals(at(2 * HOUR), "this machine's clock is 2 h behind the server's");
  assertEquals(at(-MINUTE), "this machine's clock is 1 min ahead of the server's");
  assertEquals(at(90 * MINUTE), "this machine's clock is 90 min behind the server's");
  assertEquals(at(47 * HOUR), "this machine's clock is 47 h behind the server's");
  assertEquals(at(-365 * 24 * HOUR), "this machine's clock is 365 days ahead of the server's");
});

Deno.test("clockSkew() says nothing below one minute, or without a date that it can read", () => {
  for (const ms of [0, 59 * SECOND, -59 * SECOND]) assertEquals(at(ms), undefined);
  for (const date of [undefined, "", "soon", "GMT", "2020-01-01T00:00:00Z", "Thu, 32 Jan 2026 00:00:00 GMT"]) {
    assertEquals(skewOf(date), undefined);
  }
});

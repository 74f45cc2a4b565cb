import { assertEquals } from "@std/assert";
import { TokenRegister } from "../../src/share/mod.ts";

const WRONG: Readonly<Record<string, string>> = {
  "no JSON": "{",
  "no object": "null",
  "no text": `{"ttl":1000}`,
  "a text that is none": `{"text":1,"ttl":1000}`,
  "no ttl": `{"text":"first"}`,
  "a ttl that is none": `{"text":"first","ttl":"1000"}`,
  "a text before it that is none": `{"before":null,"text":"first","ttl":1000}`,
};

for (const [what, body] of Object.entries(WRONG)) {
  Deno.test(`an object that is asked with ${what} keeps nothing, since it might never lapse`, async () => {
    const kept: unknown[] = [];
    const keep = (...given: unknown[]) => Promise.resolve(void kept.push(given));
    const storage = { get: () => Promise.resolve(undefined), put: keep, deleteAll: keep, setAlarm: keep };
    const request = new Request("https://object.invalid", { method: "PUT", body });
    const { status } = await new TokenRegister({ storage }).fetch(request);
    assertEquals([status, kept], [400, []]);
  });
}

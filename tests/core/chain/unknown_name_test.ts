import { assertEquals } from "@std/assert";
import { nearest } from "../../../src/core/chain/unknown_name.ts";

const KNOWN = ["timeout", "enabled", "client_id", "tokenEndpoint", "file", "env", "id"];

const MEANT: Readonly<Record<string, string>> = {
  timeut: "timeout",
  timmeout: "timeout",
  timeoux: "timeout",
  tiemout: "timeout",
  Timeout: "timeout",
  tmeuot: "timeout",
  enabld: "enabled",
  isEnabled: "enabled",
  clientId: "client_id",
  "client-id": "client_id",
  token_endpoint: "tokenEndpoint",
  fil: "file",
  ENV: "env",
  evn: "env",
  ID: "id",
};

Deno.test("a slip, two exchanged letters, another case or another way to join words is recognised as the name that is meant", () => {
  for (const [name, meant] of Object.entries(MEANT)) assertEquals(nearest(name, KNOWN), meant, name);
});

Deno.test("a name that is like none is not taken for another one", () => {
  for (const name of ["vault", "retries", "is", "ip", "x", "", "constructor", "__proto__", "timer", "enact"]) {
    assertEquals(nearest(name, KNOWN), undefined, name);
  }
});

Deno.test("the nearest name is meant, not the first that is near", () => {
  assertEquals(nearest("users", ["user", "Users", "usera"]), "Users");
  assertEquals(nearest("scpe", ["scopes", "scope"]), "scope");
});

import { assert, assertEquals } from "@std/assert";
import { endpoint } from "../../../mod.ts";

Deno.test("endpoint() takes https and loopback addresses, and no other plain http that is not allowed explicitly", () => {
  const accepted = [
    "https://vault.example/v1",
    "HTTPS://vault.example:8200",
    "http://localhost:8200",
    "http://vault.localhost",
    "http://127.0.0.1",
    "http://127.1",
    "http://0x7f.1",
    "http://[::1]:8200",
  ];
  for (const url of accepted) assertEquals(endpoint(url), new URL(url));
  const plain = "url is plain http: expected https, a loopback address, or allowInsecureHttp: true";
  const refused = [
    "http://vault.example",
    "http://127.0.0.1.vault.example",
    "http://localhost.vault.example",
    "http://notlocalhost",
    "http://10.0.0.1",
    "http://[::2]",
  ];
  for (const url of refused) {
    const refusal = endpoint(url);
    assert("outcome" in refusal);
    assertEquals([refusal.outcome, refusal.detail], ["invalid", plain]);
    assertEquals(endpoint(url, { allowInsecureHttp: true }), new URL(url));
  }
});

Deno.test("endpoint() says what is wrong with a URL under the name of its option and variable, and never quotes it", () => {
  const cases: [url: string, options: Parameters<typeof endpoint>[1], detail: string][] = [
    ["vault.example/hunter2", undefined, "url is not a URL"],
    ["", undefined, "url is not a URL"],
    ["ftp://vault.example/hunter2", { name: "address" }, "address is not an https URL"],
    ["file:///hunter2", { allowInsecureHttp: true }, "url is not an https URL"],
    ["https://hunter2@vault.example", {}, "url contains user info: expected a URL without it"],
    ["https://:hunter2@vault.example", {}, "url contains user info: expected a URL without it"],
    ["hunter2", { name: "url", declared: "$VAULT_ADDR" }, "url ($VAULT_ADDR) is not a URL"],
    ["hunter2", { name: "url", declared: "hunter2" }, "url is not a URL"],
    ["hunter2", { declared: undefined, allowInsecureHttp: undefined }, "url is not a URL"],
  ];
  for (const [url, options, detail] of cases) {
    const refusal = endpoint(url, options);
    assert("outcome" in refusal);
    assertEquals([refusal.outcome, refusal.detail], ["invalid", detail]);
  }
});

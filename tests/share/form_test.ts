import { assertEquals } from "@std/assert";
import { createResolver } from "../../mod.ts";
import { entryKeys } from "../../src/share/entry/entry_keys.ts";
import { openEntry } from "../../src/share/entry/sealed_entry.ts";
import { SEAL } from "../support/share/fleet.ts";
import { MemoryRegister } from "../support/share/memory_register.ts";
import { sharedOAuth2Chain } from "../support/share/oauth2_chain.ts";
import { shiftedClock } from "../support/tokens/shifted_clock.ts";

// Where one of these fails on purpose, the changelog says that a fleet has two tokens during a rolling upgrade.

Deno.test("a chain has the entry that release 0.2.0 gave it, so that a rolling upgrade keeps one token", async () => {
  const clock = shiftedClock();
  const register = new MemoryRegister(clock);
  const share = register.engine()({ seal: "fleet:seal" });
  const login = { client_id: "fleet", client_secret: "not-a-secret", key: SEAL };
  const chain = sharedOAuth2Chain(login, "https://login.example/token", share);
  const answer = () => Response.json({ access_token: "made-up", token_type: "Bearer", expires_in: 3_600 });
  await using resolver = createResolver(chain, { clock, fetch: () => Promise.resolve(answer()) });
  await resolver.resolve("polaris:rest");
  assertEquals([...register.texts.keys()], ["Kxa9QJkJxFXAO7GrqeHhyKrSVIssvlue"]);
});

Deno.test("what release 0.2.0 left in an engine is read", async () => {
  const keys = await entryKeys(new Uint8Array(32).fill(7), '{"kind":"oauth2"}');
  assertEquals(keys.name, "hoqf4iCeKrFQBbJ59lZdoD_h_nECYcny");
  const text =
    "1.eKb5Znq/uo8YLqwpFSNYq7zHZWaTd2kG2waYL40ZgzPCLTez2dVLvI0v3ajpRa3F1x6TECIAbZ8VquUgXZ9Zsc2JZuPlxbwWuxzODZh7+Ep8YJXb" +
    "XtRDCrikkBBX8y6cbetDqRDRwa35AjkQ4RQbF5XQ+3WUMG5ncLZm8q4GIoD4rRtwIvRd5/bFtDn0OEAz7NM+WPupdne0G+Mu+Q==";
  assertEquals(await openEntry(text, keys), {
    token: {
      number: 1,
      values: { access_token: "not-a-secret" },
      lifetime: 3_600_000,
      end: 1_800_000_000_000,
      stated: true,
      refusals: 0,
    },
  });
});

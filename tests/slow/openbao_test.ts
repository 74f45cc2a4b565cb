import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { persist } from "../../src/bootstrap/mod.ts";
import { principalOf } from "../support/bootstrap/principal_chain.ts";
import { preparePrograms, type Programs, type Running, start } from "../support/bootstrap/programs.ts";
import { kvPrincipalResolver } from "../support/bootstrap/principal_in_kv.ts";
import { type OpenBao, startOpenBao } from "../support/servers/openbao.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

const PROCESSES = 6;
/** A minute, and a margin for a loaded machine. */
const MAX_TAKEOVER_MS = 80_000;

/** Registers a test with a real OpenBao. */
function test(name: string, run: (server: OpenBao, programs: Programs) => Promise<void>): void {
  serverTest(name, ["openbao"], async () => {
    using programs = await preparePrograms();
    await using server = await startOpenBao();
    await run(server, programs);
  });
}

/** Starts processes that mint into a path at once. */
function startAll({ systems }: Programs, { url, token }: OpenBao, path: string, milliseconds: number): Running[] {
  return Array.from(
    { length: PROCESSES },
    (_, at) => start(systems[at % systems.length]!, "claim", url, token, path, `p${at}`, milliseconds),
  );
}

/** Reads what processes print until they end: how many minted, and what each got. */
async function ends(running: readonly Running[]) {
  let minted = 0;
  const answers = await Promise.all(running.map(async (each) => {
    let last: unknown;
    for (let line = await each.next(); line !== undefined; line = await each.next()) {
      if (line === "minting") minted++;
      last = line;
    }
    await each.status;
    return last as { id: string; secret: string; orphans: string[] };
  }));
  return { minted, answers };
}

test(
  "six processes that ensure() a principal on an empty path of a real OpenBao mint it once",
  async (server, programs) => {
    const { minted, answers } = await ends(startAll(programs, server, "empty", 1_000));
    assertEquals(minted, 1);
    assertEquals(answers, answers.map(() => ({ ...answers[0]!, orphans: [] })));
    assertEquals(answers[0]!.secret, answers[0]!.id.replace("id-", "not-a-secret-"));
  },
);

test(
  "six processes that ensure() a principal that was deleted from a real OpenBao mint it once",
  async (server, programs) => {
    const { url, token } = server;
    const resolver = kvPrincipalResolver(url, token, "deleted");
    await persist(resolver, "polaris:oauth", principalOf("old"));
    const headers = { "x-vault-token": token };
    await (await fetch(`${url}/v1/secret/data/deleted`, { method: "DELETE", headers })).body?.cancel();
    const { minted, answers } = await ends(startAll(programs, server, "deleted", 1_000));
    assertEquals([minted, answers.every(({ id, orphans }) => id === answers[0]!.id && orphans.length === 0)], [
      1,
      true,
    ]);
    const found = await kvPrincipalResolver(url, token, "deleted").resolve("polaris:oauth");
    assertEquals([found.get("client_id"), found.trace[0]?.version], [answers[0]!.id, 3]);
  },
);

test(
  "one of the other processes takes over from a claimant that is killed, and mints once",
  async (server, programs) => {
    const { url, token } = server;
    const owner = start(programs.systems[0]!, "claim", url, token, "killed", "owner", 3_600_000);
    assertEquals(await owner.next(), "minting");
    owner.kill("SIGKILL");
    await owner.status;
    const killedAt = Date.now();
    const { minted, answers } = await ends(startAll(programs, server, "killed", 1_000));
    const took = Date.now() - killedAt;
    assertLess(took, MAX_TAKEOVER_MS);
    assertGreater(took, 55_000, "a claim was taken over while its process might have lived");
    assertEquals(minted, 1);
    assert(answers.every(({ id, orphans }) => id === answers[0]!.id && id !== "id-owner" && orphans.length === 0));
  },
);

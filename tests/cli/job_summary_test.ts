import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CheckReport } from "../../src/report/check.ts";
import { failureSummary, jobSummary } from "../../src/cli/job_summary.ts";

const MIB = 1024 * 1024;
const bytes = (text: string) => new TextEncoder().encode(text).length;

function report(credentials: CheckReport["credentials"], findings: CheckReport["findings"] = []): CheckReport {
  return { version: 1, ok: false, credentials, findings };
}

Deno.test("text is code in the summary, so that no address, mention or mark in it is a link or a cell", () => {
  const cases = [
    ["mail@host.example", "`mail@host.example`"],
    ["@team #1 :key: www.host.example", "`@team #1 :key: www.host.example`"],
    ["a|b\\|c", "`a\\|b\\\\|c`"],
    ["a`b", "`` a`b ``"],
    ["``", "``` `` ```"],
    ["a\n\n# b\r\u2066c", "`a\ufffd\ufffd# b\ufffd\ufffdc`"],
    ["<img src=x>", "`<img src=x>`"],
    ["\\", "`\\`"],
  ] as const;
  for (const [key, shown] of cases) {
    const summary = jobSummary(report([{ key, ok: true, source: key }], []), "chain.config.ts", MIB);
    assertEquals(summary.split("\n")[4], `| ${shown} | ok | ${shown} |`);
  }
  assertEquals(
    failureSummary("Cannot use `it`:\na|b <b>", "a`b.ts", MIB),
    "### Credentials of `` a`b.ts ``\n\n`` Cannot use `it`: ``<br>`a|b <b>`\n\n",
  );
});

Deno.test("a summary that GitHub would drop for its size leaves out what is in order first, and says how much", () => {
  const name = (at: number) => `${"é|".repeat(500)}${at}`;
  const good = Array.from({ length: 2_000 }, (_, at) => ({ key: name(at), ok: true, source: "env" }));
  const bad = { key: "db:missing", ok: false, code: "not_found", reason: "no store has it" } as const;
  const finding = { rule: "unreachable", path: "stores.spare", message: "No credential maps it" } as const;
  const summary = jobSummary(report([...good, bad], [finding]), "chain.config.ts", MIB);
  const size = bytes(summary);
  assertEquals([size > 0.9 * MIB, size <= MIB], [true, true]);
  assertStringIncludes(summary, "| `db:missing` | missing | `no store has it` |");
  assertStringIncludes(summary, "| `stores.spare` | unreachable |");
  const rows = summary.match(/^\| `/gm)!.length;
  assertStringIncludes(summary, `\n\n${2_002 - rows} more rows: GitHub takes 1 MiB as the summary of a step.`);

  const failed = failureSummary("x".repeat(1000).concat("\n").repeat(2_000), "chain.config.ts", MIB);
  assertEquals([bytes(failed) > 0.9 * MIB, bytes(failed) <= MIB], [true, true]);
  assertStringIncludes(failed, " more lines: GitHub takes 1 MiB");
  const single = jobSummary(report([{ ...bad, key: "x".repeat(2 * MIB) }]), "chain.config.ts", MIB);
  assertStringIncludes(single, "\n\n1 more row: GitHub takes");
});

Deno.test("a chain of 500 credentials has its whole table in the summary", () => {
  const reason = `no store has it: supply ${"A_NAME_OF_A_VARIABLE, ".repeat(20)} in "env"`;
  const credentials = Array.from({ length: 500 }, (_, at) => ({ key: `service:${at}`, ok: false, reason }));
  const summary = jobSummary(report(credentials), "chain.config.ts", MIB);
  assertEquals([summary.match(/^\| `/gm)?.length, summary.includes(" more ")], [500, false]);
});

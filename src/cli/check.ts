import type { ChainDescription } from "../core/engine/describe.ts";
import { check, type CheckedCredential, type CheckReport } from "../report/check.ts";
import { obtainedText } from "../report/share_text.ts";
import { rootsOf } from "../report/needs.ts";
import { survey } from "../report/survey.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { knownKeys } from "./arguments.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";
import { type Checked, printFailureForGitHub, printForGitHub } from "./github.ts";
import { credentialsTable } from "./describe_credentials.ts";
import { errorsText } from "./describe_errors.ts";
import { supplyText } from "./describe_supply.ts";
import { withNeeded } from "../report/guidance/switching_on.ts";
import { switchesText } from "./describe_switches.ts";
import { rate } from "../report/guidance/counts.ts";
import type { Hints } from "../report/guidance/hints.ts";
import { localHints } from "./local_hints.ts";
import { withoutControls } from "./quoted.ts";
import { sections } from "./sections.ts";
import { type Style, styleOf } from "./style.ts";
import { withResolver } from "./with_resolver.ts";
import { wrap } from "./wrap.ts";

/** `check`: resolves every credential and lints the chain. */
export const checkCommand: Command = {
  name: "check",
  args: "[KEY…]",
  summary: "Resolve every credential and lint the chain",
  help: "Resolves the credentials that are named, or all of them, and looks for entries of the chain that never take " +
    "effect, for files that other users can read, for variables that two stores have with different values, for " +
    "identities that are only partly set or read from names of several generations, for " +
    "engines that are reached without TLS, and, unless credentials are named, for directories that do not exist and " +
    "for stores that cannot share their tokens. Exits with 1 if a credential cannot be " +
    "resolved or a problem is found. A credential that only disabled stores serve or need is not a problem.",
  options: {
    github: {
      type: "boolean",
      help: "In GitHub Actions: annotate the lines of the chain's module, and write the summary of the job",
    },
  },
  async run(context) {
    const { terminal, values, json, config } = context;
    if (values.github !== true) {
      const { report, text } = await checkChain(context);
      terminal.print(json ? JSON.stringify(report, null, 2) : text);
      return report.ok ? 0 : 1;
    }
    if (json) throw new UsageError("Expected one of --json and --github");
    try {
      const checked = await checkChain(context);
      printForGitHub(terminal, config, checked);
      return checked.report.ok ? 0 : 1;
    } catch (error) {
      printFailureForGitHub(terminal, config, error);
      return 2;
    }
  },
};

async function checkChain({ terminal, positionals, json, loadChain }: CommandContext): Promise<Checked> {
  const chain = await loadChain();
  const keys = positionals.length > 0 ? knownKeys(positionals, chain) : undefined;
  return await withResolver(chain, async (resolver) => {
    const report = await check(resolver, keys as never);
    const description = keys && !json ? await describeNeeds(resolver, report) : resolver.describe();
    const hints = localHints(resolver, description);
    return { report, description, text: json ? "" : checkText(report, { description, hints }, styleOf(terminal)) };
  });
}

// Hint: the needs of an unconfigured store were not asked for, and the survey must not replace what the check found.
/** Describes a resolver after a check, including the credentials that were not checked. */
async function describeNeeds(resolver: Resolver<unknown>, { credentials }: CheckReport): Promise<ChainDescription> {
  const checked = new Set(credentials.map(({ key }) => key));
  const found = resolver.describe();
  await survey(resolver);
  const others = resolver.describe().credentials;
  return { ...found, credentials: found.credentials.map((each, at) => checked.has(each.key) ? each : others[at]!) };
}

function checkText(
  { credentials, findings }: CheckReport,
  { description, hints }: { readonly description: ChainDescription; readonly hints: Hints },
  style: Style,
): string {
  const { paint, width } = style;
  const checked = new Map(credentials.map((each) => [each.key, each]));
  const rated = rate(description, hints).filter(({ credential: { key } }) => checked.has(key)).map((each) => {
    const obtained = obtainedBy(checked.get(each.credential.key)!, description);
    const detail = [...each.status.detail ? [each.status.detail] : [], ...obtained ? [obtained] : []].join("; ");
    return { ...each, status: { ...each.status, detail } };
  });
  const failed = credentials.filter(({ ok, unused }) => !ok && !unused);
  const shown = description.credentials.filter(({ key }) => failed.some((checked) => checked.key === key));
  const roots = rootsOf(shown, description);
  const missing = roots.filter(({ last }) => last?.error === "not_found");
  const stores = withNeeded(missing.flatMap(({ from }) => from.map(({ store }) => store)), description, hints);
  const problems = roots.length + findings.length;
  return sections([
    ["", credentialsTable(rated, style)],
    ["Errors", errorsText(shown.filter((each) => !missing.includes(each)), description, hints, style)],
    [
      "To supply the missing credentials, do one of the following for each",
      supplyText(missing, description, hints, style),
    ],
    ["To switch on", switchesText(stores, description, hints, style)],
    [
      "Problems in the chain",
      findings.flatMap(({ path, rule, message }) => [
        paint("warn", wrap(`${path} (${rule.replaceAll("_", " ")})`, width, "  ")),
        wrap(withoutControls(message), width, "    "),
      ]).join("\n"),
    ],
    ["", paint(problems === 0 ? "good" : "bad", problemCount(problems))],
  ], style);
}

function problemCount(count: number): string {
  if (count === 0) return "No problems found";
  return count === 1 ? "1 problem" : `${count} problems`;
}

/** Says how a shared token was obtained. */
function obtainedBy({ source, shared }: CheckedCredential, { stores }: ChainDescription): string | undefined {
  return shared && obtainedText(shared, stores.find(({ name }) => name === source)?.share);
}

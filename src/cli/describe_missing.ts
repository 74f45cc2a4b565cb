import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import type { AnyChain } from "../core/chain/chain.ts";
import { list } from "../core/chain/errors.ts";
import { groupNames, inDirectory } from "./names.ts";
import { type Directories, directoriesOf } from "./directories.ts";
import type { Paint } from "./style.ts";
import { type Switches, switchesOf } from "./switches.ts";
import { type UnmetNeeds, unmetNeeds } from "./unmet_needs.ts";
import { labelled, MAX_LINE_WIDTH, wrap } from "./wrap.ts";

/** What the hints refer to, beside the description. */
export interface HintContext {
  /** The directories in which stores keep their documents, by store, where known. */
  readonly directories: Directories;
  /** What switches the stores on that are off, where known. */
  readonly switches: Switches;
  /** What the stores that are on and not configured lack besides, where known. */
  readonly unmet?: UnmetNeeds | undefined;
  /** The keys of the credentials to print; all of them unless set. */
  readonly keys?: ReadonlySet<string>;
}

/** Returns what the hints about a chain refer to, by its description after its local stores were asked. */
export function hintContext(chain: AnyChain, description: ChainDescription): HintContext {
  const directories = directoriesOf(chain, description);
  return {
    directories,
    switches: switchesOf(chain, description),
    unmet: unmetNeeds(chain, description, directories),
  };
}

/**
 * Formats the errors of credentials, the ways to supply those that no store has, and what switches on the stores that
 * could give them.
 *
 * @param description The description.
 * @param context What the hints refer to.
 * @param paint Colours the text.
 * @returns Paragraphs, each after a blank line and a heading; empty if every credential is available.
 */
export function missingParts(description: ChainDescription, context: HintContext, paint: Paint): readonly string[] {
  const { credentials } = description;
  const shown = credentials.filter(({ key }) => context.keys?.has(key) ?? true);
  const missing = shown.filter(({ last }) => last?.error === "not_found");
  const failed = shown.filter(({ last }) => last?.error !== undefined && last.error !== "not_found");
  const parts = [
    [
      "Errors",
      grouped(failed.map((credential) => [credential.key, errorLines(credential, context)]), paint),
    ],
    [MISSING, grouped(missing.map((each) => [each.key, waysToSupply(each, description, context, "    ")]), paint)],
    [SWITCHES, switchesText(missing, description, context, paint)],
  ];
  return parts.flatMap(([heading, text]) => text ? ["", paint("strong", heading!), text] : []);
}

const MISSING = "To supply the missing credentials, do one of the following for each";
const SWITCHES = "To switch a store on, do all of the following";

/** Puts keys that have the same lines under one heading. */
function grouped(entries: readonly (readonly [string, string])[], paint: Paint): string {
  const keys = new Map<string, string[]>();
  for (const [key, lines] of entries) keys.set(lines, [...keys.get(lines) ?? [], key]);
  return [...keys].map(([lines, keys]) => under(keys.join(", "), lines ? [lines] : [], paint)).join("\n");
}

function under(heading: string, lines: readonly string[], paint: Paint): string {
  const heads = wrap(heading, MAX_LINE_WIDTH, "  ").split("\n").map((line) => paint("strong", line));
  return [...heads, ...lines].join("\n");
}

function waysToSupply(
  { last, from }: CredentialDescription,
  { stores }: ChainDescription,
  { directories }: HintContext,
  indent: string,
): string {
  const missing = new Set(last!.missing);
  const ways = from.flatMap(({ store: name, reads }): readonly (readonly [string, string])[] => {
    const store = stores.find((store) => store.name === name)!;
    const names = store.shape === "token" ? [] : reads.filter((read) => missing.has(read));
    if (names.length > 0) {
      return [[name, `${groupNames(names, directories[name])}${store.state === "off" ? ONCE_ON : ""}`]];
    }
    return store.state === "off" && store.reason && missing.size === 0 ? [[name, store.reason]] : [];
  });
  const width = Math.max(...ways.map(([name]) => name.length));
  return ways.map(([name, text]) => labelled(name, text, indent, width)).join("\n");
}

const ONCE_ON = " (once the store is on)";

function errorLines({ from, last }: CredentialDescription, { directories, unmet = {} }: HintContext): string {
  const { trace, error, missing = [] } = last!;
  const lines = trace.filter(({ outcome }) => outcome === error).map(({ store, detail }) => {
    const reads = from.find((source) => source.store === store)?.reads ?? [];
    const why = missing.length > 0
      ? `missing ${groupNames(missing, directories[store])}`
      : detail && inDirectory(detail, reads, directories[store]);
    return labelled(store, [`${error}${why ? `: ${why}` : ""}`, ...unmet[store] ?? []].join("; "), "    ");
  });
  return lines.join("\n");
}

/** Says what switches on the stores of these credentials that are off, and the stores that those need. */
function switchesText(
  missing: readonly CredentialDescription[],
  description: ChainDescription,
  context: HintContext,
  paint: Paint,
): string {
  const { switches } = context;
  const names = new Set(missing.flatMap(({ from }) => from.map(({ store }) => store)));
  for (const name of names) {
    for (const { from } of neededBy(name, description, switches)) for (const { store } of from) names.add(store);
  }
  return description.stores.filter(({ name }) => names.has(name) && Object.hasOwn(switches, name)).map(({ name }) => {
    const steps = switches[name]!.steps.map((step) => wrap(step, MAX_LINE_WIDTH, "    "));
    const needs = neededBy(name, description, switches).map((needed) => needLines(needed, description, context));
    return under(name, [...steps, ...needs], paint);
  }).join("\n");
}

function neededBy(
  store: string,
  { credentials }: ChainDescription,
  switches: Switches,
): readonly CredentialDescription[] {
  const { needs = [] } = switches[store] ?? {};
  return credentials.filter(({ key }) => needs.includes(key));
}

function needLines(needed: CredentialDescription, description: ChainDescription, context: HintContext): string {
  const { key, from, last } = needed;
  const off = from.filter(({ store }) => Object.hasOwn(context.switches, store)).map(({ store }) => store);
  if (last?.error === "not_found" && !last.missing && off.length > 0) {
    return wrap(`switch ${list(off, "or")} on, for "${key}"`, MAX_LINE_WIDTH, "    ");
  }
  if (last?.error !== "not_found") return wrap(`supply "${key}"`, MAX_LINE_WIDTH, "    ");
  const ways = waysToSupply(needed, description, context, "      ");
  return `${wrap(`supply "${key}" by one of these`, MAX_LINE_WIDTH, "    ")}\n${ways}`;
}

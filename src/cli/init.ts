import { statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ambient } from "../core/runtime/ambient.ts";
import { list } from "../core/chain/errors.ts";
import { correction } from "../core/chain/unknown_name.ts";
import { type Command, UsageError } from "./command.ts";
import { type ConfigPath, configPath, DEFAULT_CONFIG } from "./config_path.ts";
import { chainText } from "./init_chain.ts";
import { DIRECTORY, exists, type FoundService, type FoundVariable, hasPackage, probe } from "./init_probe.ts";
import { type Service, SERVICES } from "./init_services.ts";
import { quoted } from "./quoted.ts";
import { NEEDS_TYPE_STRIPPING } from "./load_chain.ts";
import type { InitReport } from "../report/written_reports.ts";
import { quoteForShell } from "../report/deno_flags.ts";
import { sections } from "./sections.ts";
import { type Style, styleOf } from "./style.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";
import { wrap } from "./wrap.ts";

const NAMES = Object.keys(SERVICES);

/** `init`: writes the chain's module for some services. */
export const initCommand: Command = {
  name: "init",
  args: "SERVICE…",
  summary: "Write a chain for services, from the variables and documents that exist",
  help: "Looks only for the variables and the bootstrap document of each service, and writes the chain's " +
    "module, which names them. No value is printed or written. What exists is never overwritten. " +
    `The services are ${NAMES.join(", ")}.`,
  run({ terminal, positionals, config, json }) {
    const target = configPath(config, "write");
    const names = knownServices(positionals);
    refuseExisting(target);
    refuseTypeScript(target, terminal);
    const { variable } = ambient();
    const found = names.map((name) => probe(name, SERVICES[name]!, target.path, variable));
    const isSet = ({ variables }: FoundService) => variables.some(({ set }) => set);
    // Hint: a directory that does not exist would be a problem that check reports.
    const hasFile = found.some(({ document }) => document.exists) ||
      !found.some(isSet) && exists(join(dirname(target.path), DIRECTORY));
    const isInstalled = hasPackage(target.path);
    const isJsr = terminal.runtime === "deno" && !isInstalled;
    const specifier = isJsr ? `jsr:@alphaswarm/credentials@^${VERSION}` : "@alphaswarm/credentials";
    writeNew(target, chainText(found, { specifier, hasFile }));
    const written = { config, found, stores: hasFile ? ["file", "env"] : ["env"], isMissing: !isInstalled && !isJsr };
    terminal.print(json ? JSON.stringify(reportOf(written), null, 2) : writtenText(written, terminal));
    return Promise.resolve(0);
  },
};

function knownServices(names: readonly string[]): readonly string[] {
  if (names.length === 0) {
    throw new UsageError(
      `Expected a SERVICE or several, for example: init neo4j github\nThe services are ${NAMES.join(", ")}`,
    );
  }
  for (const name of names) {
    if (!Object.hasOwn(SERVICES, name)) {
      throw new UsageError(`Cannot find a service${quoted(name, NAMES)}${correction([name, NAMES, "services"])}`);
    }
  }
  // Hint: a service may have two names.
  return names.filter((name, at) => names.findIndex((each) => SERVICES[each] === SERVICES[name]) === at);
}

function refuseExisting({ path, shown }: ConfigPath): void {
  if (!exists(path)) return;
  if (statSync(path).isDirectory()) throw new UsageError(`Cannot write ${shown}: it is a directory`);
  throw new UsageError(
    `Cannot write ${shown}: it exists, and nothing is overwritten\n` +
      "Add the services to it by hand, or write another file with --config FILE",
  );
}

function refuseTypeScript({ shown }: ConfigPath, { runsTypeScript }: Terminal): void {
  if (runsTypeScript || !/\.m?ts$/.test(shown)) return;
  throw new UsageError(
    `Cannot write ${shown}: ${NEEDS_TYPE_STRIPPING}, or write a module in JavaScript with --config chain.config.mjs`,
  );
}

function writeNew(target: ConfigPath, text: string): void {
  try {
    // Hint: if several processes write at the same time, only one succeeds.
    writeFileSync(target.path, text, { flag: "wx" });
  } catch (error) {
    const { code, name } = Object(error) as { code?: unknown; name?: unknown };
    if (code === "EEXIST") {
      refuseExisting(target);
      throw new UsageError(`Cannot write ${target.shown}: a link of that name exists`);
    }
    throw new UsageError(`Cannot write ${target.shown}: ${whyNotWritten(code, name, target)}`);
  }
}

function whyNotWritten(code: unknown, name: unknown, { shown }: ConfigPath): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "its directory does not exist";
  if (name === "NotCapable") return `writing it needs --allow-write=${shown}`;
  return ["EACCES", "EPERM", "EROFS"].includes(String(code))
    ? "this user may not write there"
    : "the file system refused it";
}

interface Written {
  readonly config: string;
  readonly found: readonly FoundService[];
  readonly stores: readonly string[];
  /** Whether the module imports a package that the project does not have. */
  readonly isMissing: boolean;
}

function reportOf({ config, found, stores }: Written): InitReport {
  return {
    version: 1,
    config,
    stores,
    services: found.map(({ name, service, variables, document }) => ({ name, key: service.key, variables, document })),
  };
}

function writtenText({ config, found, stores, isMissing }: Written, terminal: Terminal): string {
  const style = styleOf(terminal);
  const shown = config.replace(/^\.\//, "");
  const keys = list(found.map(({ service }) => service.key));
  const option = config === DEFAULT_CONFIG ? "" : ` --config ${quoteForShell(config)}`;
  const command = `${terminal.program || "the command "}describe${option}`;
  const next = [
    ...isMissing ? ["Install the package that it imports, @alphaswarm/credentials"] : [],
    `Next: ${command}`,
  ];
  return sections([
    ["", wrap(`Wrote ${shown}: ${keys}, from ${list(stores)}`, style.width)],
    ["", foundTable(found, style)],
    ["", next.map((line) => wrap(line, style.width)).join("\n")],
  ], style);
}

function foundTable(found: readonly FoundService[], style: Style): string {
  const rows = found.map(({ name, service, variables, document }) => [
    { text: name, tone: (line: string) => style.paint("strong", line) },
    {
      text: [
        ...variables.filter(({ set, field }) => set || isNeeded(service, field)).map(variableText),
        `${document.path} ${document.exists ? "exists" : "does not exist"}`,
      ].join("\n"),
    },
  ]);
  return table([{ head: "SERVICE" }, { head: "FOUND" }], rows, style);
}

function isNeeded({ fields, anyOf }: Service, field: string): boolean {
  return fields[field] === "required" || anyOf?.includes(field) === true;
}

function variableText({ name, set, unreadable }: FoundVariable): string {
  return `${name} ${unreadable ? "cannot be read" : set ? "is set" : "is not set"}`;
}

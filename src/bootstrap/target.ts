import { list } from "../core/chain/errors.ts";
import type { Files, WritableFiles } from "../core/chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import { judge } from "../core/engine/judge.ts";
import type { PlannedSource } from "../core/engine/verdict.ts";
import { runtimeDisk } from "../core/runtime/disk.ts";
import type { FieldValues, Nothing } from "../core/source/answer.ts";
import { isTemplate } from "../core/source/locator.ts";
import { ownMember } from "../core/source/mapping.ts";
import { parseDocument } from "../core/source/parse_document.ts";
import type { OpenStore } from "../core/source/store_in_use.ts";
import { pathOption } from "../core/source/file_path.ts";
import { DocumentLayout } from "./document_layout.ts";
import { FileMedium } from "./file_medium.ts";
import type { Draft, Layout } from "./layout.ts";
import { type Medium, WHOLE } from "./medium.ts";
import { StoreMedium } from "./store_medium.ts";
import { variableLayout } from "./variable_layout.ts";
import type { WriteCall } from "./write_call.ts";

/** A source, and where its mapping puts each field. */
export interface Slot {
  readonly source: PlannedSource;
  readonly layout: Layout;
}

/** Where a credential is written. */
export interface Target extends Slot {
  readonly medium: Medium;
}

/** Returns why something cannot be written there, if it cannot. */
type Obstacle = (slot: Slot) => string | undefined;

/**
 * Chooses the highest mapped store that can hold a credential.
 *
 * @param call The call.
 * @param obstacle Says why a store cannot hold it.
 * @param name The store, if the caller chooses it.
 * @returns Where the credential is written, or each store's reason why not; nothing is touched yet.
 * @throws {CredentialError} If no store maps it.
 */
export function chooseTarget(call: WriteCall, obstacle: Obstacle, name?: string): Target | string {
  const sources = call.plan.sources.filter(({ mapsIdentity, store }) =>
    mapsIdentity && (name === undefined || store.name === name)
  );
  const reasons: string[] = [];
  for (const source of sources) {
    const target = targetAt(call, source, obstacle);
    if (typeof target !== "string") return target;
    reasons.push(`"${source.store.name}" ${target}`);
  }
  const known = call.plan.sources.map(({ store }) => store.name).join(", ");
  if (sources.length === 0 && name !== undefined) {
    throw call.error("invalid", `no store named "${name}" maps it: it is mapped in ${known}`);
  }
  return `no store can hold it: ${reasons.join("; ") || "none maps its identity"}`;
}

function targetAt(call: WriteCall, source: PlannedSource, obstacle: Obstacle): Target | string {
  const { store: { name, spec, shape }, reader } = source;
  if (shape.issued) return "obtains tokens and cannot be written to";
  if (!spec.write) return "can only be read";
  if (reader.document?.text && spec.write !== "files") {
    return `writes JSON documents only, and ${reader.document.name} is plain text`;
  }
  const open = call.access.open(name);
  if (open.state === "off") return `is off: ${open.reading.detail}`;
  // Hint: if a store is misconfigured, the secret must not be written to another one.
  if (open.state === "invalid") throw call.refused(source, open.reading);
  const layout = reader.document ? new DocumentLayout(call.plan, reader.document) : variableLayout(call.plan, reader);
  const reason = obstacle({ source, layout });
  if (reason !== undefined) return reason;
  const medium = mediumOf(call, source, open);
  return typeof medium === "string" ? medium : { source, layout, medium };
}

function mediumOf(call: WriteCall, source: PlannedSource, open: OpenStore): Medium | string {
  const { store: { spec: { write } }, reader: { document } } = source;
  if (open.state !== "on" || !write) return "can only be read";
  const { options, surroundings } = open;
  const { ambient } = call.access;
  if (typeof write === "function") {
    return new StoreMedium(call.resolver, source, write(options, surroundings) as never, ambient.clock);
  }
  // Hint: compiling the chain cannot check what a variable holds.
  const misfit = ["mode", "group"].find((name) =>
    options[name] !== undefined && source.store.spec.checks?.[name]?.(options[name])
  );
  if (misfit) {
    throw call.refused(source, invalid(`its option ${misfit} does not fit: give it as a number in the chain`));
  }
  const { directory, mode = 0o600, group } = options as unknown as {
    directory: string | URL;
    mode?: number;
    group?: number;
  };
  const path = pathOption("directory", directory);
  if (isRefusal(path)) return path.detail;
  const { asyncFiles, clock } = ambient;
  const declared = surroundings.declared.directory ?? path;
  const { files = asyncFiles ?? runtimeDisk(clock, declared) } = ambient;
  if (!files || document === undefined) return "needs a runtime that can write files";
  if (!isWritable(files)) return "reads the files of a host, which cannot be written";
  return new FileMedium({ files, directory: path, declared, access: { mode, group } }, document);
}

function isWritable(files: Files): files is WritableFiles {
  return "replace" in files;
}

/**
 * Returns what the target is to hold, checked as a resolve would check it.
 *
 * @throws {CredentialError} If the values are not a credential, or would not be read back.
 */
export function compose(
  call: WriteCall,
  { source, layout }: Target,
  before: object | undefined,
  draft: Draft,
): object {
  const after = layout.compose(before, draft);
  if (isRefusal(after)) throw call.refused(source, after);
  const reading = readBack(source, after);
  if (isRefusal(reading)) throw call.refused(source, reading);
  const { outcome, detail = "no field of the identity was given", missing } = judge(call.plan, source, {
    reading,
    until: 0,
  });
  if (outcome === "incomplete") throw call.error(outcome, `${detail}: supply ${list(missing!)}`, missing);
  if (outcome === "miss") throw call.error("incomplete", detail);
  if (outcome !== "hit") throw call.error("invalid", detail);
  for (const [at, value] of draft.values.entries()) {
    const found = reading.outcome === "found" ? reading.values[at] : undefined;
    if (value !== undefined && JSON.stringify(found) !== JSON.stringify(value)) {
      throw call.error("invalid", `${draft.names[at]} would not be read back as it was given`);
    }
  }
  const replacesAll = draft.isDocument || source.reader.document?.text;
  const lost = replacesAll && before && keyOfLost(call, source, before, after);
  if (lost) {
    throw call.error(
      "invalid",
      `"${lost}" is in ${layout.document} too, and would not be read back: persist it instead`,
    );
  }
  return after;
}

// Hint: a template's parts may be members of another credential that reads more of the replaced form, and another
// credential may read a plain text as a parsed document.
/** Returns the key of another credential that would be lost when a document is replaced as a whole, if any. */
function keyOfLost(
  call: WriteCall,
  { store, reader }: PlannedSource,
  before: object,
  after: object,
): string | undefined {
  const { document } = reader;
  if (!document?.text && !document?.locators.flat().some(isTemplate)) return undefined;
  for (const plan of call.access.plan.credentials.values()) {
    const other = plan.sources.find((each) =>
      each.store.name === store.name && each.reader.document?.name === document.name
    );
    if (!other) continue;
    const isParsed = document.text && !other.reader.document!.text;
    const isHit = (contents: object) => {
      const seen = isParsed ? parseDocument(document.name, (contents as Record<string, string>)[WHOLE]!) : contents;
      return judge(plan, other, { reading: readBack(other, seen as object), until: 0 }).outcome === "hit";
    };
    if (isHit(before) && !isHit(after)) return plan.key;
  }
}

/** Reads contents as a resolve would read them. */
export function readBack({ reader, mapped }: PlannedSource, contents: object): Nothing | FieldValues | Refusal {
  const members = contents as Record<string, unknown>;
  const { document } = reader;
  const whole = () => document?.text ? members[WHOLE] : contents;
  const look = document ? whole : (name: unknown) => ownMember(members, name as string);
  return reader.read(look, {} as never, mapped) as Nothing | FieldValues | Refusal;
}

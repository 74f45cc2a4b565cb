import { list } from "../errors.ts";
import { judge } from "../judge.ts";
import { isRefusal, type Refusal } from "../outcome.ts";
import type { Source } from "../plan.ts";
import type { Raw } from "../shapes/shape.ts";
import type { LiveStore } from "../sources.ts";
import { disk } from "./disk.ts";
import { FileMedium } from "./file_medium.ts";
import { type Layout, layoutOf } from "./layout.ts";
import type { Medium } from "./medium.ts";
import { StoreMedium } from "./store_medium.ts";
import type { Given, Task } from "./task.ts";

/** Where a credential is written. */
export interface Target {
  readonly source: Source;
  readonly layout: Layout;
  readonly medium: Medium;
}

/**
 * Chooses the highest mapped store that can hold a credential.
 *
 * @param task What is asked for.
 * @param choices Fields that it must be able to hold; any of these lists will do.
 * @param name The store, where the caller chose it.
 * @returns Where the credential is written; nothing has been touched yet.
 * @throws {CredentialError} Where there is no such store, with every store's reason.
 */
export function chooseTarget(task: Task, choices: readonly (readonly string[])[], name?: string): Target {
  const sources = task.plan.sources.filter(({ serves, store }) =>
    serves && (name === undefined || store.name === name)
  );
  const reasons: string[] = [];
  for (const source of sources) {
    const target = targetAt(task, source, choices);
    if (typeof target !== "string") return target;
    reasons.push(`"${source.store.name}": ${target}`);
  }
  const known = task.plan.sources.map(({ store }) => store.name).join(", ");
  if (sources.length === 0) reasons.push(`cannot find a store named "${name}" that it is mapped in: it is in ${known}`);
  throw task.error("invalid", `no store can hold it: ${reasons.join("; ")}`);
}

function targetAt(task: Task, source: Source, choices: readonly (readonly string[])[]): Target | string {
  const { name, spec, shape } = source.store;
  if (shape.name === "token") return "tokens are obtained and not written";
  if (!spec.write) return "it can only be read";
  const live = task.inside.stores.get(name)!;
  const { open } = live;
  if (open.state === "off") return `it is off: ${open.reason}`;
  // Hint: what is on but badly configured must not make a secret end up in another store.
  if (open.state === "invalid") throw task.refused(source, open.refusal);
  const layout = layoutOf(task.plan, source, task.inside.chain.credentials[task.key]!.from[name]);
  const obstacles = choices.map((fields) => layout.obstacle(fields));
  if (!obstacles.includes(undefined)) return obstacles[0] ?? "it maps no field that can be written";
  const medium = mediumOf(task, source, live, layout);
  return typeof medium === "string" ? medium : { source, layout, medium };
}

function mediumOf(task: Task, source: Source, live: LiveStore, { document }: Layout): Medium | string {
  const { open } = live;
  const { write } = source.store.spec;
  if (open.state !== "on" || !write) return "it can only be read";
  const { options, surroundings } = open;
  if (typeof write === "function") {
    return new StoreMedium(source, live, write(options, surroundings) as never, document);
  }
  const { ambient } = task.inside;
  if (!ambient.ownFiles) return "the files of its host can only be read";
  const fs = disk();
  if (!fs || document === undefined) return "this runtime writes no files";
  const { directory, mode = 0o600, group } = options as { directory: string; mode?: number; group?: number };
  const place = { path: directory, declared: surroundings.declared.directory ?? directory };
  return new FileMedium({ fs, clock: ambient.clock, directory: place, ownership: { mode, group } }, document);
}

/**
 * What the target shall hold, checked as a resolve would check it.
 *
 * @throws {CredentialError} Where the values are no credential, or would not read back.
 */
export function compose(task: Task, { source, layout }: Target, before: object | undefined, given: Given): object {
  const after = layout.compose(before, given);
  if (isRefusal(after)) throw task.refused(source, after);
  const reading = readBack(source, after);
  if (isRefusal(reading)) throw task.refused(source, reading);
  const { outcome, detail = "no field of the identity was given", missing } = judge(task.plan, source, {
    reading,
    until: 0,
  });
  if (outcome === "incomplete") throw task.error(outcome, `${detail}: expected ${list(missing!)}`, missing);
  if (outcome === "miss") throw task.error("incomplete", detail);
  if (outcome !== "hit") throw task.error("invalid", detail);
  for (const [field, value] of Object.entries(given)) {
    const found = reading.values[task.plan.names.indexOf(field)];
    if (JSON.stringify(found) !== JSON.stringify(value)) {
      throw task.error("invalid", `${layout.names([field])} would not read back as it was given`);
    }
  }
  return after;
}

/** What a resolve would read of these contents. */
export function readBack({ reader, store, wanted }: Source, contents: object): Raw | Refusal {
  const whole = store.shape.name === "document";
  const look = (name: unknown) => whole ? contents : (contents as Record<string, unknown>)[name as string];
  return reader.read(look, undefined as never, wanted) as Raw | Refusal;
}

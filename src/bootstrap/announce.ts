import { type Hold, isFailed, type Result } from "../hold.ts";
import { dependents } from "../install.ts";
import type { CredentialPlan } from "../plan.ts";
import { documentOf } from "../shapes/document.ts";
import type { Target } from "./target.ts";
import type { Task } from "./task.ts";

/**
 * Renews everything that is held from where a credential was written, and everything that needs it, so that listeners
 * are told.
 *
 * @returns The store that answers for the credential in the target's stead, if one does.
 */
export async function announce(task: Task, target: Target): Promise<string | undefined> {
  const { plan, holds, ambient } = task.inside;
  const affected = [...dependents(plan, sharing(task, target))].map((key) => holds.get(key)!);
  for (const hold of affected) hold.renew();
  const mine = holds.get(task.key)!;
  // Hint: what nobody has asked for yet has no listener that waits for a change.
  const others = affected.filter((hold) => hold !== mine && hold.last !== undefined);
  const [result] = await Promise.all([mine, ...others].map((hold: Hold) => hold.get({})));
  const winner = result && winnerOf(result);
  const above = winner !== undefined && rank(task.plan, winner) < rank(task.plan, target.source.store.name);
  if (!above) return undefined;
  const detail = `it comes before "${target.source.store.name}", where the credential was written`;
  ambient.log({ type: "shadowed", key: task.key, store: winner, detail });
  return winner;
}

/** Where a store stands among those of a credential; 0 is asked first. */
export function rank({ sources }: CredentialPlan, store: string): number {
  const at = sources.findIndex((source) => source.store.name === store);
  return at < 0 ? Infinity : at;
}

function winnerOf(result: Result): string | undefined {
  return isFailed(result) ? result.by?.source.store.name : result.source;
}

/** The credentials that read what was written. */
function sharing({ inside: { plan, chain } }: Task, { source, layout }: Target): readonly string[] {
  const { name } = source.store;
  return [...plan.credentials.values()].filter(({ key, sources }) => {
    const theirs = sources.find(({ store }) => store.name === name)?.reader;
    if (!theirs) return false;
    if (layout.document !== undefined) return documentOf(chain.credentials[key]!.from[name]) === layout.document;
    return theirs.reads.some((read) => source.reader.reads.includes(read));
  }).map(({ key }) => key);
}

import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import { dependents } from "../core/engine/plan.ts";
import type { Target } from "./target.ts";
import type { WriteCall } from "./write_call.ts";

/**
 * Renews every credential that is read from where one was written, and every credential that needs one of those, so
 * that listeners are notified.
 *
 * @returns The store that answers for the credential instead of the target, if one does.
 */
export async function announce(call: WriteCall, target: Target): Promise<string | undefined> {
  const { access, plan, key } = call;
  const affected = dependents(access.plan.credentials, sharing(call, target));
  access.renew(affected);
  const winner = await access.answering(key, affected);
  const written = target.source.store.name;
  if (winner === undefined || rank(plan, winner) >= rank(plan, written)) return undefined;
  const detail = `it is asked before "${written}", where the credential was written`;
  access.ambient.log?.({ type: "shadowed", key, store: winner, detail });
  return winner;
}

/** Returns the position of a store among those of a credential; the one at 0 is asked first. */
export function rank({ sources }: CredentialPlan, store: string): number {
  const at = sources.findIndex((source) => source.store.name === store);
  return at < 0 ? Infinity : at;
}

/** Returns the keys of the credentials that read what was written. */
function sharing({ access }: WriteCall, { source, layout }: Target): readonly string[] {
  const { name } = source.store;
  return [...access.plan.credentials.values()].filter(({ sources }) => {
    const reader = sources.find(({ store }) => store.name === name)?.reader;
    if (!reader) return false;
    if (layout.document !== undefined) return reader.document?.name === layout.document;
    return reader.reads.some((read) => source.reader.reads.includes(read));
  }).map(({ key }) => key);
}

import { assert } from "@std/assert";
import { type Credential, CredentialError, type LogEvent, type Resolver } from "../../../mod.ts";
import { explain } from "../../../src/report/mod.ts";
import { assertNoMarker, type Marker } from "./marker.ts";

/** What came of a resolve: a credential, or the error. */
export interface Attempt {
  readonly credential: Credential | undefined;
  readonly error: CredentialError | undefined;
  /** The source of the credential, or the code of the error. */
  readonly ended: string;
  readonly degraded: boolean;
}

/** What a store says of its own code, and never because of what it read. */
const BUG = /fix the store's code|schema that threw/;

/** Resolves a credential; fails on a crash, on a bug of a store, and on a planted secret in anything that can be shown. */
export async function attempt(
  resolver: Resolver,
  key: string,
  marker: Marker,
  events: readonly LogEvent[] = [],
): Promise<Attempt> {
  const [result] = await Promise.allSettled([resolver.resolve(key)]);
  const said = result.status === "fulfilled" ? result.value : result.reason;
  if (result.status === "rejected" && !(said instanceof CredentialError)) throw said;
  const description = resolver.describe();
  const shown = [
    String(said),
    said.stack ?? "",
    JSON.stringify(said),
    Deno.inspect(said, { depth: 10 }),
    JSON.stringify(said.trace),
    JSON.stringify(description),
    Deno.inspect(resolver),
    JSON.stringify(events),
    isExplained(marker) ? JSON.stringify(await explain(resolver, key)) : "",
  ].join("\n");
  assertNoMarker(shown, marker);
  assert(!BUG.test(shown), `What was read looks like a bug of the store: ${shown}`);
  return result.status === "fulfilled"
    ? { credential: result.value, error: undefined, ended: result.value.source, degraded: result.value.degraded }
    : { credential: undefined, error: said, ended: said.code, degraded: false };
}

// Hint: it asks every store again, which takes longer than all the rest.
/** Whether the report of the whole walk is looked at too. */
function isExplained({ piece }: Marker): boolean {
  return piece.endsWith("0z");
}

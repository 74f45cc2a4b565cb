import type { ChainDescription, CredentialDescription } from "../../core/engine/describe.ts";
import { type CredentialStatus, STATUSES, statusOf, type StatusWord } from "./credential_status.ts";
import type { Hints } from "./hints.ts";

/** A credential and its status. */
export interface RatedCredential {
  readonly credential: CredentialDescription;
  readonly status: CredentialStatus;
}

/** The words for a status, worst first. */
export const STATUS_WORDS = Object.keys(STATUSES) as readonly StatusWord[];

/** Determines the status of each credential of a description, in the chain's own order. */
export function rate(description: ChainDescription, hints: Hints): readonly RatedCredential[] {
  return description.credentials.map((credential) => ({
    credential,
    status: statusOf(credential, description, hints),
  }));
}

/** Sorts credentials by their status, worst first. */
export function worstFirst(rated: readonly RatedCredential[]): readonly RatedCredential[] {
  return rated.toSorted((a, b) => STATUS_WORDS.indexOf(a.status.word) - STATUS_WORDS.indexOf(b.status.word));
}

/** How many credentials are available, in words, and how many of each other status there are. */
interface Counts {
  readonly available: string;
  /** The statuses that occur, worst first. */
  readonly others: readonly { readonly word: StatusWord; readonly text: string }[];
}

/** Counts credentials by their status. */
export function countsOf(rated: readonly RatedCredential[]): Counts {
  const numberOf = (...words: StatusWord[]) => rated.filter(({ status }) => words.includes(status.word)).length;
  const others = STATUS_WORDS.filter((word) => word !== "ok" && numberOf(word) > 0);
  const noun = rated.length === 1 ? "credential is" : "credentials are";
  return {
    available: `${numberOf("ok", "degraded")} of ${rated.length} ${noun} available`,
    others: others.map((word) => ({ word, text: STATUSES[word].count(numberOf(word)) })),
  };
}

/** Says in a line how many credentials are available, and how many of each other status there are. */
export function countLine(rated: readonly RatedCredential[]): string {
  const { available, others } = countsOf(rated);
  return others.length > 0 ? `${available}: ${others.map(({ text }) => text).join(", ")}` : available;
}

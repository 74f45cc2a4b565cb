import type { StatusWord } from "../report/guidance/credential_status.ts";

/**
 * Says what to do first, where nothing of a chain was set up; nothing where something was.
 *
 * @param words The status of each credential.
 * @param chain What the chain is called.
 * @returns The text, in a line.
 */
export function firstStep(words: readonly StatusWord[], chain: string): string {
  const isNew = words.includes("missing") && words.every((word) => word === "missing" || word === "off");
  return isNew ? `Nothing of ${chain} is set up yet: supply the first one that you need.` : "";
}

import type { OpenRegister } from "../../core/chain/share.ts";

/** How long a text is kept that a check does not wait for. */
export const KEPT_MS = 60_000;
/** How long a text is kept that a check waits for. */
export const SHORT_MS = 100;
/** How long a text is kept that a check replaces before it lapses, also on a busy machine. */
export const LONGER_MS = 1_000;

/** Two machines of a fleet, each with a connection to one engine. */
export interface Machines {
  readonly one: OpenRegister;
  readonly other: OpenRegister;
  /** How long the engine may take for what it must do in the end, in milliseconds. */
  readonly timeout: number;
}

/** One thing that every engine must do. */
export interface EngineCheck {
  /** What it must do, as the rest of a sentence that begins with its kind. */
  readonly name: string;
  run(machines: Machines): Promise<void>;
}

/** Returns the name of a token that nothing else has, in the form of the names in use. */
export function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/** Waits until something is so; says whether it was in time. */
export async function becomes(is: () => Promise<boolean>, timeout: number): Promise<boolean> {
  const start = performance.now();
  while (!await is()) {
    if (performance.now() - start > timeout) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

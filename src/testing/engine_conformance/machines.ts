import type { OpenRegister } from "../../core/chain/share.ts";

/** How long a text is kept if a check does not wait for its end. */
export const KEPT_MS = 60_000;
/** How long a text is kept if a check waits for its end. */
export const SHORT_MS = 100;
/** How long a text is kept if a check replaces it before it lapses, even on a busy machine. */
export const LONGER_MS = 1_000;

/** Two machines of a fleet, each with a connection to one engine. */
export interface Machines {
  readonly one: OpenRegister;
  readonly other: OpenRegister;
  /** How long the engine may take to do what it must do eventually, in milliseconds. */
  readonly timeout: number;
}

/** One thing that every engine must do. */
export interface EngineCheck {
  /** What it must do, as the rest of a sentence that begins with the engine's kind. */
  readonly name: string;
  run(machines: Machines): Promise<void>;
}

/** Returns a unique name of a token, in the form of real names. */
export function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/** Waits until a condition holds; returns whether it did in time. */
export async function becomes(is: () => Promise<boolean>, timeout: number): Promise<boolean> {
  const start = performance.now();
  while (!await is()) {
    if (performance.now() - start > timeout) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

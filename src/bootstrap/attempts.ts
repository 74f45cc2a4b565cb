import type { WriteCall } from "./write_call.ts";

/** At most how many times a change is tried, since another one may come first. */
const MAX_ATTEMPTS = 50;
/** The longest pause before the next attempt. */
const MAX_PAUSE_MS = 20;

/** The attempts to change what is in a store. */
export class Attempts {
  readonly #call: WriteCall;
  readonly #store: string;
  #lost = 0;

  constructor(call: WriteCall, store: string) {
    this.#call = call;
    this.#store = store;
  }

  /**
   * Pauses after an attempt that lost to another change.
   *
   * @throws {CredentialError} If that was the last one.
   */
  async lost(): Promise<void> {
    const { clock, random } = this.#call.access.ambient;
    if (++this.#lost === MAX_ATTEMPTS) {
      throw this.#call.error("unavailable", `other writers kept changing "${this.#store}": try again`);
    }
    await new Promise<void>((resolve) => clock.after(random() * MAX_PAUSE_MS, resolve));
  }
}

import { invalid } from "../../core/chain/outcome.ts";
import type { OpenRegister } from "../../core/chain/share.ts";
import type { Need } from "../../core/source/answer.ts";

/** A connection to an engine. It is closed once it is retired and nobody uses it any more. */
export class Connection {
  readonly register: OpenRegister;
  /** The credential by which it was opened. */
  readonly need: Need | undefined;
  retired = false;
  /** Whether it was opened in an earlier run. */
  isKept = false;
  #users = 0;
  #closed: Promise<unknown> | undefined;

  constructor(register: OpenRegister, need: Need | undefined) {
    const { get, swap } = Object(register) as Partial<OpenRegister>;
    if (typeof get !== "function" || typeof swap !== "function") {
      throw invalid("its open() returned no get and swap: fix the engine's code");
    }
    this.register = register;
    this.need = need;
  }

  enter(): this {
    this.#users++;
    return this;
  }

  leave(): void {
    this.#users--;
    if (this.retired) this.retire();
  }

  /** Prevents further use. */
  retire(): void {
    this.retired = true;
    if (this.#users === 0) this.close();
  }

  /** Closes it, even if it is in use; never rejects. */
  close(): Promise<unknown> {
    this.retired = true;
    // Hint: an engine whose connection cannot be closed must not fail anybody.
    return this.#closed ??= (async () => await this.register.close?.())().catch(() => {});
  }
}

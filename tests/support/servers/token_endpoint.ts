import type { ServerResponse } from "node:http";
import type { OidcFailure } from "./oidc_provider.ts";

/** The delays and failures of a token endpoint, which a test sets. */
export class TokenEndpoint {
  #failures: OidcFailure[] = [];
  #gate: PromiseWithResolvers<void> | undefined;
  #delayMs = 0;

  /** Makes the next requests fail; a count of 0 reverts an earlier call. */
  failNext(count: number, failure: OidcFailure): void {
    this.#failures = Array.from({ length: count }, () => failure);
  }

  /** Delays each response. */
  setDelay(milliseconds: number): void {
    this.#delayMs = milliseconds;
  }

  /** Makes requests wait until `release`. */
  hold(): void {
    this.#gate ??= Promise.withResolvers();
  }

  /** Reverts `hold`. */
  release(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** Waits for the delay, then answers with a failure if one is due; returns whether it did. */
  async fails(response: ServerResponse): Promise<boolean> {
    await this.#gate?.promise;
    if (this.#delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    const failure = this.#failures.shift();
    if (failure === undefined) return false;
    response.writeHead(failure.status, failure.headers).end(failure.body ?? "");
    return true;
  }
}

import { CredentialError } from "./errors.ts";
import { isThenable, type MaybePromise } from "./eventually.ts";
import type { Clock } from "./host.ts";

const BUDGET = 10_000;

/** How long one caller waits for what many may share. */
export interface Patience {
  readonly signal?: AbortSignal | undefined;
  readonly budget?: number | undefined;
}

/** Waits on behalf of one caller; what it waits for goes on without it. */
export function waitFor<T>(result: MaybePromise<T>, key: string, clock: Clock, patience: Patience = {}): Promise<T> {
  const { signal, budget = BUDGET } = patience;
  if (signal?.aborted) return Promise.reject(signal.reason);
  if (!isThenable(result)) return Promise.resolve(result);
  return new Promise((resolve, reject) => {
    const end = () => {
      cancel();
      signal?.removeEventListener("abort", abort);
    };
    const abort = () => {
      end();
      reject(signal!.reason);
    };
    const cancel = clock.after(budget, () => {
      end();
      reject(new CredentialError("unavailable", `no answer within ${budget} ms`, { key }));
    });
    signal?.addEventListener("abort", abort);
    result.then((value) => {
      end();
      resolve(value);
    }, (error) => {
      end();
      reject(error);
    });
  });
}

import type { MaybePromise } from "../core/chain/eventually.ts";
import { SECOND } from "../core/chain/limits.ts";
import type { OpenRegister, ShareOptions } from "../core/chain/share.ts";
import type { NeededCredential } from "../core/chain/store_spec.ts";
import type { ShareEngine } from "../core/source/sharing.ts";

/** How long an owner need not show that it is alive, unless the options say otherwise. */
const LEASE_MS = 2 * SECOND;
/** How long a caller waits beyond the store's timeout and the lease. */
const MARGIN_MS = 500;

/** Opens a connection to an engine. */
export type Open = (credential: NeededCredential | undefined) => MaybePromise<OpenRegister>;

/** Returns what a `Share` is within the package. */
export function shareEngine(engine: string, _open: Open, options: ShareOptions): ShareEngine {
  const { seal, credential, principal, lease = LEASE_MS } = options;
  const needed = { seal, ...(credential !== undefined && { credential }) };
  return {
    engine,
    needs: Object.values(needed),
    needed,
    principal,
    patience: lease + MARGIN_MS,
    use: () => {
      throw new Error("not ready");
    },
  };
}

import type { ShareOptions } from "../../core/chain/share.ts";
import { compileShare } from "./compile_share.ts";
import type { ShareEngine } from "../../core/source/sharing.ts";
import { checkShareOptions } from "./check_share_options.ts";
import type { EngineAccess } from "../client/engine_client.ts";
import { StoreSharing } from "../steps/store_sharing.ts";

/** How long an owner may go without a heartbeat, unless the options say otherwise. */
export const LEASE_MS = 2_000;
/** How long the engine may take for one answer, unless the options say otherwise. */
export const ANSWER_MS = 500;

/** What an engine consists of. */
export interface EngineParts {
  readonly engine: string;
  readonly open: EngineAccess["open"];
  /** The engine's own options, each with its type. */
  readonly own: Readonly<Record<string, string>> | undefined;
}

/** Returns what a `Share` is within the package. */
export function shareEngine({ engine, open, own: types }: EngineParts, options: ShareOptions): ShareEngine {
  const { seal, credential, principal, lease = LEASE_MS, timeout = ANSWER_MS } = options;
  const needed = { seal, ...(credential !== undefined && { credential }) };
  return {
    engine,
    needs: Object.values(needed),
    needed,
    principal,
    compile: (store, credentials, complain) => {
      checkShareOptions(options, types, `stores.${store.name}.share`, complain);
      compileShare(store, credentials, complain);
    },
    describe: () => ({ engine, entries: [], minted: 0, received: 0 }),
    use: (store, own, deps) =>
      new StoreSharing({ engine, seal, lease, access: { open, credential, timeout } }, store, own, deps),
  };
}

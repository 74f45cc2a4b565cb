import { httpRefusal } from "../../core/chain/http_refusal.ts";
import { denied, invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";
import { type CallVault, tokenOf, type VaultAnswer } from "./vault_server.ts";

/** What was asked for with a login. */
export interface Asked {
  readonly call: CallVault;
  readonly login: NeededCredential;
  readonly signal: AbortSignal;
  /** The mount, as the chain writes it. */
  readonly mount: string;
  readonly namespace: string | undefined;
  /** The path, which is declared in the chain. */
  readonly path: string;
  /** The capability of a policy that it takes. */
  readonly capability: string;
}

/** Returns the refusal for an answer that does not hold what was asked for. */
export async function refusalFor(answer: VaultAnswer, asked: Asked): Promise<Refusal> {
  const { status, response } = answer;
  if (status === 403) return await refusalOfLogin(asked);
  if (status === 404) return notFound(answer, asked);
  if (status === 405) return invalid(`${asked.path} cannot be used so: the mount "${asked.mount}" is of another kind`);
  return httpRefusal(response);
}

// Hint: the server says "permission denied" of a token that is dead, and of one whose policy lacks a path.
async function refusalOfLogin({ call, login, signal, path, capability }: Asked): Promise<Refusal> {
  const who = `"${login.key}" from "${login.source}"`;
  const self = await call({ path: "auth/token/lookup-self", token: tokenOf(login), signal });
  if (isRefusal(self)) return self;
  if (self.status === 200) {
    return denied(`${who} lacks the capability "${capability}" on ${path}, or nothing is mounted there`);
  }
  return denied(`${who} was refused (HTTP ${self.status}): its token is dead`, { need: "login" });
}

function notFound({ errors, body }: VaultAnswer, { mount, namespace, path }: Asked): Refusal {
  const where = namespace === undefined ? "" : ` in the namespace "${namespace}"`;
  if (errors?.includes("namespace not found")) return invalid(`the server has no namespace "${namespace}"`);
  if (errors?.includes("no handler for route")) return invalid(`nothing is mounted at "${mount}"${where}`);
  // Hint: only version 2 of the KV engine warns of its paths, and leaves the errors out.
  if (errors === undefined && body.warnings) return invalid(`"${mount}"${where} is version 2 of KV: remove version`);
  return invalid(`${path} leads nowhere${where}: the mount "${mount}" may be wrong`);
}

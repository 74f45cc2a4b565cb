import { httpRefusal, whoOf } from "../../core/chain/http_refusal.ts";
import { denied, invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";
import { type CallVault, isAliveButForbidden, tokenOf, type VaultAnswer } from "./server.ts";

/** What was asked for with a login. */
export interface SecretRequest {
  readonly call: CallVault;
  readonly login: NeededCredential;
  readonly signal: AbortSignal;
  /** The mount, as the chain writes it. */
  readonly mount: string;
  readonly namespace: string | undefined;
  /** The path, which is declared in the chain. */
  readonly path: string;
  /** The capability that a policy must grant for it. */
  readonly capability: string;
}

/** Returns the refusal for an answer that does not hold what was asked for. */
export async function refusalFor(answer: VaultAnswer, asked: SecretRequest): Promise<Refusal> {
  const { status, response, errors = "" } = answer;
  if (status === 403) return await forbiddenRefusal(asked);
  if (status === 404 || status === 405) return notFound(errors, asked);
  return httpRefusal(response);
}

// Hint: the server says "permission denied" both for a dead token and for one whose policy lacks a path.
async function forbiddenRefusal(asked: SecretRequest): Promise<Refusal> {
  const { call, login, signal } = asked;
  const self = await call({ path: "auth/token/lookup-self", token: tokenOf(login), signal });
  if (isRefusal(self)) return self;
  if (self.status === 200 || isAliveButForbidden(self)) return lacksCapability(asked);
  return denied(`${whoOf(login)} was refused (HTTP ${self.status}): its token is not valid`, { need: "login" });
}

/** Returns the refusal for a login whose policy lacks what was asked for. */
export function lacksCapability({ login, path, capability, namespace }: SecretRequest): Refusal {
  const where = inNamespace(namespace);
  return denied(
    `${whoOf(login)} lacks the capability "${capability}" on ${path}${where}, or nothing is mounted there`,
  );
}

function notFound(errors: string, { mount, namespace, path }: SecretRequest): Refusal {
  const where = inNamespace(namespace);
  if (errors.includes("no handler for route")) return invalid(`nothing is mounted at "${mount}"${where}`);
  return invalid(`${path} is not a path of the mount "${mount}"${where}: it may be of another kind`);
}

/** What the server says about a role of dynamic secrets, and what that means. */
const REASONS: readonly (readonly [RegExp, (mount: string, role: string) => string])[] = [
  [/unknown role|^role .* not found/i, (mount, role) => `${mount} has no role ${role}`],
  [/is not an allowed role/, (_, role) => `the role ${role} is not among the allowed_roles of its database`],
  [/failed to find entry/, (mount, role) => `the role ${role} is of a database that ${mount} does not have`],
  [/SQLSTATE 42|\(42000\)/, (_, role) => `the creation statements of the role ${role} fail at its database`],
];

/** Tests whether the server says what is wrong with a role, which it may do with HTTP 500. */
export const ROLE_ERRORS = { test: (errors: string): boolean => !!reasonFor(errors) };

function reasonFor(errors: string) {
  return REASONS.find(([said]) => said.test(errors))?.[1];
}

/** Returns the refusal for an answer that does not hold a lease of a role. */
export async function refusalForRole(answer: VaultAnswer, role: string, asked: SecretRequest): Promise<Refusal> {
  const { status, errors = "" } = answer;
  if (status === 200) return invalid(`${asked.path} gave no lease: expected a path of dynamic secrets`);
  if (errors.includes("one use left")) {
    return denied(`${whoOf(asked.login)} has too few uses left: set token_num_uses of its role to 0`);
  }
  const reason = reasonFor(errors);
  return reason ? invalid(reason(`"${asked.mount}"`, `"${role}"`)) : await refusalFor(answer, asked);
}

/** Names a namespace, as the chain writes it, after what is in it. */
export function inNamespace(namespace: string | undefined): string {
  return namespace === undefined ? "" : ` in the namespace "${namespace}"`;
}

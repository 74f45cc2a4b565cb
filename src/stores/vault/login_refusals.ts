import { httpRefusal, whoOf } from "../../core/chain/http_refusal.ts";
import { denied, invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";
import type { VaultAnswer } from "./server.ts";
import { inNamespace } from "./secret_refusals.ts";

/** What a login was tried with, in the words of the chain. */
export interface TriedLogin {
  readonly credential: NeededCredential;
  readonly mount: string;
  readonly namespace: string | undefined;
  readonly role: string | undefined;
}

/** What the server says if a role is missing; an AppRole mount answers that with HTTP 500. */
export const NO_ROLE = /missing role/;

/** What the server says about a JWT or a role that it refuses, and what that means; the first match counts. */
const REASONS: readonly (readonly [RegExp, (mount: string, role?: string) => string])[] = [
  [/malformed jwt/, () => "it is not a JWT"],
  [/token is expired/, () => "it has expired"],
  [/audience/, () => "its audience is not one that the role accepts"],
  [/signature/, () => "its signature cannot be verified"],
  [/not authorized/, () => "its service account or its namespace is not one that the role accepts"],
  [/claim/, () => "its issuer or its claims are not the expected ones"],
  [NO_ROLE, (mount) => `role is not set, or the mount ${mount} is for another method`],
  [/^role .* could not be found|invalid role name/, (mount, role) => `the mount ${mount} has no role "${role}"`],
];

/** Returns the refusal of a login. The server also refuses a credential with 400, and a missing mount with 403. */
export function refusalForLogin({ status, response, errors = "", body }: VaultAnswer, tried: TriedLogin): Refusal {
  const { credential, namespace, role } = tried;
  const mount = `"${tried.mount}"${inNamespace(namespace)}`;
  if (status === 200) {
    return Object(body.auth).mfa_requirement
      ? invalid("the login needs multi-factor authentication: exempt this login from it")
      : invalid("the answer holds no token: it may be wrapped");
  }
  if (errors.includes("unsupported path")) {
    return invalid(`"${credential.key}" has a user that ${mount} cannot have, or that is the mount of another method`);
  }
  if (status === 404) return invalid(`no auth method is mounted at ${mount}`);
  if (/get keys failed|fetching keys/.test(errors)) {
    return unavailable("the server cannot get the keys of the issuer");
  }
  if (/not yet valid|in the future/.test(errors)) {
    return unavailable("the token is not valid yet: correct the clock of the server, or of the issuer");
  }
  const [, reason] = REASONS.find(([said]) => said.test(errors)) ?? [];
  if (!reason && ![400, 401, 403].includes(status)) return httpRefusal(response);
  const why = reason?.(mount, role) ?? `the credential, the role or the mount ${mount} may be wrong`;
  return denied(`${whoOf(credential)} was refused (HTTP ${status}): ${why}`, { need: "credential" });
}

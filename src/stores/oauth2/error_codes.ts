/** The codes of a refused client or grant, at any status (RFC 6749, section 5.2). */
export const REFUSED_CODES: readonly string[] = ["invalid_client", "unauthorized_client", "invalid_grant"];

/** The codes of a server that cannot answer now, at any status (RFC 6749, section 4.1.2.1). */
export const PASSING_CODES: readonly string[] = ["temporarily_unavailable", "server_error"];

/**
 * The codes of a refused client or grant that RFC 6749 does not define for a token endpoint. `access_denied` (section
 * 4.1.2.1): Auth0, Okta and Microsoft Entra; with 429, Auth0 means its limit.
 *
 * - https://auth0.com/docs/api/authentication, https://developer.okta.com/docs/reference/error-codes
 * - `interaction_required`: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 * - `unauthorized`: https://docs.cloudfoundry.org/api/uaa
 * - `invalid_client_id`: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm
 */
export const VENDOR_REFUSED_CODES: readonly string[] = [
  "access_denied",
  "interaction_required",
  "unauthorized",
  "invalid_client_id",
];

/**
 * The codes of a request that asks for the wrong thing (RFC 6749, section 5.2, and RFC 8707, section 2); Microsoft
 * Entra has `invalid_resource` for `invalid_target`. Some servers send them with 401 or 403, although another client
 * would not help.
 */
export const WRONG_REQUEST_CODES: readonly string[] = [
  "invalid_scope",
  "invalid_target",
  "invalid_resource",
  "unsupported_grant_type",
];

/** The codes that may be shown, including those of RFC 9449; any other text is foreign. */
const KNOWN_CODES: readonly string[] = [
  ...REFUSED_CODES,
  ...PASSING_CODES,
  ...VENDOR_REFUSED_CODES,
  ...WRONG_REQUEST_CODES,
  "invalid_request",
  "invalid_dpop_proof",
  "use_dpop_nonce",
];

/** Returns the code of an answer's error, if it is a known one. */
export function codeIn(body: Readonly<Record<string, unknown>>): string | undefined {
  const { error } = body;
  return typeof error === "string" && KNOWN_CODES.includes(error) ? error : undefined;
}

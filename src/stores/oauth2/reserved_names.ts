const FROM_CLIENT = "comes from the client's credential: set authentication, and supply the credential's fields";
const OF_REQUEST = "belongs to the request itself, and cannot be set";

/**
 * The reserved parameters, each with what sets it (RFC 6749, section 4.4.2, RFC 7521, section 4, RFC 8693, RFC 8707).
 */
const PARAMETERS: Readonly<Record<string, string>> = {
  grant_type: "has an option of its own: use grant",
  client_id: FROM_CLIENT,
  client_secret: FROM_CLIENT,
  client_assertion: FROM_CLIENT,
  client_assertion_type: FROM_CLIENT,
  scope: "has an option of its own: use scope",
  resource: "has an option of its own: use resource",
  audience: "has an option of its own: use audience",
  subject_token: "comes from a credential of the chain: name that in subjectToken",
  actor_token: "comes from a credential of the chain: name that in actorToken",
  assertion: "comes from a credential of the chain: name that in assertion",
  subject_token_type: "has an option of its own: use subjectTokenType",
  actor_token_type: "has an option of its own: use actorTokenType",
  requested_token_type: "has an option of its own: use requestedTokenType",
};

/** The reserved headers: `fetch` or HTTP sets them, and runtimes drop or double what a caller adds. */
const HEADERS: Readonly<Record<string, string>> = {
  authorization: FROM_CLIENT,
  "proxy-authorization": "belongs to the proxy, which is configured for the runtime",
  ...Object.fromEntries(
    [
      "accept",
      "accept-encoding",
      "connection",
      "cookie",
      "expect",
      "host",
      "keep-alive",
      "proxy-connection",
      "te",
      "trailer",
      "transfer-encoding",
      "upgrade",
    ].map((name) => [name, OF_REQUEST]),
  ),
};

/** Returns what is wrong with a parameter, if anything; its value may not be known yet. */
export function problemInParameter(name: string): string | undefined {
  if (name.trim() === "") return "A parameter has no name: expected a name for each";
  return reserved(name, PARAMETERS);
}

/** Returns what is wrong with a header (RFC 9110, section 5), if anything; its value may not be known yet. */
export function problemInHeader(name: string, value = ""): string | undefined {
  const shown = JSON.stringify(name);
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return `${shown} is not the name of an HTTP header`;
  if (/^content-/i.test(name)) return `${shown} ${OF_REQUEST}`;
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return `${shown} has a character in its value that HTTP forbids`;
  return reserved(name, HEADERS);
}

// Hint: HTTP ignores the case of header names, and some servers ignore that of parameters.
function reserved(name: string, names: Readonly<Record<string, string>>): string | undefined {
  const known = name.trim().toLowerCase();
  return Object.hasOwn(names, known) ? `${JSON.stringify(name)} ${names[known]}` : undefined;
}

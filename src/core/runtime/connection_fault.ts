/** How many causes of an error are looked at: Node tells of a proxy in the third. */
const MAX_CAUSES = 4;

/**
 * Why there is no connection, and what tells so: the code of an error, or on Deno, whose errors have none, the end of a
 * message. Only the words are shown.
 */
const FAULTS: readonly (readonly [words: string, pattern: RegExp])[] = [
  // Hint: this is the first, since Deno's message quotes the names in the certificate.
  ["the certificate is for another host", /ALTNAME|valid ?for ?name/i],
  ["the certificate has expired", /expired/i],
  ["the certificate is not valid yet", /YET_VALID|valid ?yet/i],
  ["the TLS handshake failed", /_SSL|EPROTO|alert|corrupt|handshake|peer [im]/],
  ["the certificate is not trusted", /CERT|UNABLE_TO|peer cert/],
  ["the proxy refused it", /PROXY|ERR_ABORTED|tunnel|^.{0,31}proxy/],
  ["the connection was refused", /refused/i],
  ["the host name was not found", /ENOTFOUND|EAI_|dns error/],
  ["the host is unreachable", /unreach|no route/i],
  ["the connection was closed", /reset|closed|ERR_SOCKET|EPIPE/i],
  ["connecting took too long", /time_?d? ?out|deadline/i],
];

// Hint: in Deno's message, what follows the URL begins with words that no URL can have, and has no slash.
/** What remains of a message without its URL. */
const WITHOUT_URL = /(?:^|: client error \(\w+\): )[^/]*$/;

/**
 * Returns why a request got no connection.
 *
 * @param error What `fetch` threw.
 * @returns Fixed words that begin with a colon, or nothing where the runtime does not tell.
 */
export function connectionFault(error: unknown): string {
  for (let at = Object(error), depth = 0; depth < MAX_CAUSES; at = Object(at.cause), depth++) {
    const { code, message } = at;
    // Hint: of the error itself only the code counts, since a host's own fetch may quote anything.
    const text = typeof code === "string" ? code : depth ? WITHOUT_URL.exec(String(message))?.[0] : undefined;
    const fault = text && FAULTS.find(([, pattern]) => pattern.test(text));
    if (fault) return `: ${fault[0]}`;
  }
  return "";
}

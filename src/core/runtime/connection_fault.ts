import { unavailable } from "../chain/outcome.ts";

/**
 * Why there is no connection, by the code of the error, or on Deno, whose errors have none, by the end of its message.
 */
const FAULTS: readonly (readonly [words: string, pattern: RegExp])[] = [
  // Hint: this comes first, since Deno's message quotes the names in the certificate.
  ["the certificate is for another host", /ALTNAME|valid ?for ?name/i],
  ["the certificate has expired", /expired/i],
  ["the certificate is not valid yet", /YET_VALID|valid ?yet/i],
  ["the answer is not HTTP", /HPE_|invalid HTTP/],
  // Hint: Deno says that the "peer is incompatible", or that the "peer misbehaved".
  ["the TLS handshake failed", /ERR_SSL|EPROTO|alert|corrupt|handshake|peer [im]/],
  // Hint: a code with `_TOO_` means that the certificate chain is too long.
  ["the certificate is not trusted", /CERT|UNABLE_TO|_TOO_|peer cert/],
  ["the proxy refused it", /PROXY|ERR_ABORTED|tunnel|proxy auth/],
  ["the connection was refused", /refused/i],
  ["the host name was not found", /ENOTFOUND|EAI_|dns error/],
  ["the host is unreachable", /unreach|no route/i],
  ["the connection was closed", /reset|closed|ERR_SOCKET|EPIPE/i],
  ["connecting took too long", /timed? ?out|deadline/i],
];

/** How many causes of an error are looked at: Node reports a proxy's refusal in the second. */
const MAX_CAUSES = 3;

// Hint: in Deno's message, the text after the URL begins with words that no URL can contain, and has no slash.
/** What remains of a message without its URL. */
const WITHOUT_URL = /(?:^|: client error \(\w+\): )[^/]*$/;

/**
 * Wraps a `fetch`, so that it throws a refusal if the error tells why there is no connection, with nothing else of that
 * error, or if the status of an answer is not one of HTTP.
 */
export function tellFault(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (...request) => {
    try {
      const response = await fetch(...request);
      if (response.status < 600) return response;
      await response.body?.cancel();
      // Hint: such a status counts as a server error (RFC 9110, section 15), and `new Response` refuses it.
      throw unavailable(`the server answered HTTP ${response.status}`);
    } catch (error) {
      const fault = connectionFault(error);
      throw fault ? unavailable(`no connection to the server: ${fault}`) : error;
    }
  };
}

function connectionFault(error: unknown): string | undefined {
  let at = Object(error);
  for (let depth = 0; depth <= MAX_CAUSES; depth++) {
    const { code, name, message } = at;
    // Hint: only the code of the error itself counts, since the message of a host's own `fetch` may quote anything.
    const isCause = depth > 0 && name === "Error";
    const text = typeof code === "string" ? code : isCause ? WITHOUT_URL.exec(String(message))?.[0] : undefined;
    const fault = text && FAULTS.find(([, pattern]) => pattern.test(text));
    if (fault) return fault[0];
    at = Object(at.cause);
  }
}

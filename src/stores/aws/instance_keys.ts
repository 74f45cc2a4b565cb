import { endpoint, isLoopback } from "../../core/chain/endpoint.ts";
import { httpRefusal } from "../../core/chain/http_refusal.ts";
import { denied, invalid, isRefusal, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import { present } from "../../core/source/mapping.ts";
import { type KeyRequest, keysIn, objectIn } from "./runtime_keys.ts";

/** The variable that switches instance metadata off, in all of AWS's tools. */
export const DISABLED_NAME = "AWS_EC2_METADATA_DISABLED";
/** The variable that gives another address of the service. */
export const ENDPOINT_NAME = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

/** The instance metadata service, which only the machine itself can reach. */
const SERVICE = "169.254.169.254";
export const SERVICES: readonly string[] = [SERVICE, "[fd00:ec2::254]"];

const ROLES = "/latest/meta-data/iam/security-credentials/";

/** How long one request may take: the service is on the machine itself, and elsewhere nothing answers. */
const REQUEST_MS = 1_000;

/** The lifetime of a session, of which one reading uses some milliseconds. */
const SESSION_SECONDS = 60;

/** Asks the instance metadata service for the keys of the instance's role, by version 2 only. */
export async function instanceKeys(request: KeyRequest): Promise<Token | Refusal> {
  const base = await baseOf(request);
  if (isRefusal(base)) return base;
  // Hint: a session may end, or its service be replaced, between two requests.
  return await keysOfSession(base, request) ?? await keysOfSession(base, request) ??
    denied("the instance metadata service refused the session that it gave (HTTP 401)");
}

async function baseOf({ variable }: KeyRequest): Promise<URL | Refusal> {
  const given = await variable(ENDPOINT_NAME);
  if (isRefusal(given)) return given;
  if (!present(given)) return new URL(`http://${SERVICE}`);
  const url = endpoint(given!, { name: ENDPOINT_NAME, allowInsecureHttp: true });
  return isRefusal(url) || isLoopback(url.hostname) || SERVICES.includes(url.hostname) ? url : invalid(
    `${ENDPOINT_NAME} is not an address of the service: expected a loopback address, or ${SERVICES.join(" or ")}`,
  );
}

/** Asks in a new session; returns `undefined` if the service refuses that session. */
async function keysOfSession(base: URL, request: KeyRequest): Promise<Token | Refusal | undefined> {
  const session = await sessionOf(base, request);
  if (isRefusal(session)) return session;
  const headers = { "x-aws-ec2-metadata-token": session };
  const roles = await send(new URL(ROLES, base), { headers }, request);
  if (roles.status === 401) return undefined;
  const [role = ""] = roles.status === 404 ? [] : (await roles.text()).trim().split(/\s*\n/);
  if (roles.status === 404 || roles.status === 200 && role === "") {
    return denied("the instance has no IAM role: attach an instance profile");
  }
  if (roles.status !== 200) return refusalOf(roles);
  // Hint: in a URL, these would lead elsewhere.
  if (role === "." || role === "..") return invalid("the instance metadata service gave no name of a role");
  const answer = await send(new URL(ROLES + encodeURIComponent(role), base), { headers }, request);
  if (answer.status === 401) return undefined;
  if (answer.status !== 200) return refusalOf(answer);
  const body = objectIn(await answer.text());
  if (typeof body.Code === "string" && body.Code !== "Success") {
    return denied("the role of the instance gives no keys: correct its trust policy, or the instance profile");
  }
  return keysIn(body, request.clock.now());
}

async function sessionOf(base: URL, request: KeyRequest): Promise<string | Refusal> {
  const headers = { "x-aws-ec2-metadata-token-ttl-seconds": String(SESSION_SECONDS) };
  const response = await send(new URL("/latest/api/token", base), { method: "PUT", headers }, request);
  const { status } = response;
  if (status === 403) return denied("the instance metadata service is switched off (HTTP 403): switch it on");
  const refusal = refusalOf(response);
  if (status !== 200) {
    return refusal.outcome === "invalid" ? invalid(`${refusal.detail}: it has no version 2 (IMDSv2)`) : refusal;
  }
  const session = (await response.text()).trim();
  return /^[!-~]+$/.test(session) ? session : invalid("the instance metadata service gave no session token");
}

function refusalOf(response: Response): Refusal {
  const refusal = httpRefusal(response, { who: "the request" });
  return { ...refusal, detail: refusal.detail.replace("the server", "the instance metadata service") };
}

/** Sends a request, which the service answers at once or, beyond the hop limit of the instance, never. */
function send(url: URL, init: RequestInit, { fetch, clock, signal }: KeyRequest): Promise<Response> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const cancel = clock.after(REQUEST_MS, () => {
      reject(unavailable(
        `no answer of the instance metadata service within ${REQUEST_MS} ms: ` +
          "this is not EC2, or a container beyond the hop limit of its instance",
      ));
      abort();
    });
    signal.addEventListener("abort", abort);
    fetch(url.href, { ...init, redirect: "manual", signal: controller.signal }).then(resolve, reject).finally(() => {
      cancel();
      signal.removeEventListener("abort", abort);
    });
  });
}

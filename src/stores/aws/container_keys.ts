import { endpoint, isLoopback } from "../../core/chain/endpoint.ts";
import { atWrongUrl, httpRefusal } from "../../core/chain/http_refusal.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import { present } from "../../core/source/mapping.ts";
import { readAbsolute } from "../../core/source/read_file.ts";
import { type KeyRequest, keysIn, objectIn } from "./runtime_keys.ts";

/** The variables that say where a container asks for its keys: a path on the ECS agent, or a URL. */
const PATH_NAME = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const URL_NAME = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
export const PLACES: readonly string[] = [PATH_NAME, URL_NAME];

/** The variables that give the token to send: in a file, or the token itself. */
const FILE_NAME = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const TOKEN_NAME = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
export const TOKENS: readonly string[] = [FILE_NAME, TOKEN_NAME];

/** Where EKS mounts the token of a pod. */
export const EKS_TOKEN_FILE = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token";

/** The agents of ECS and EKS, which only the machine itself can reach. */
const ECS = "169.254.170.2";
export const AGENTS: readonly string[] = [ECS, "169.254.170.23", "[fd00:ec2::23]"];

/** Asks the agent of a container for the keys of its role. */
export async function containerKeys(request: KeyRequest): Promise<Token | Refusal> {
  const { fetch, clock, signal } = request;
  const place = await placeOf(request);
  if (isRefusal(place)) return place;
  const token = await tokenOf(request);
  if (isRefusal(token)) return token;
  const headers = { accept: "application/json", ...token && { authorization: token.text } };
  const response = await fetch(place.url, { headers, redirect: "manual", signal });
  if (response.status === 200) {
    return keysIn(objectIn(await response.text()), clock.now(), `: ${place.name} may be wrong`);
  }
  const refusal = httpRefusal(response, { who: token?.name ?? "the container", now: clock.now() });
  return refusal.outcome === "invalid" ? atWrongUrl(refusal, place.name) : refusal;
}

async function placeOf({ variable }: KeyRequest): Promise<{ readonly name: string; readonly url: string } | Refusal> {
  const path = await variable(PATH_NAME);
  if (isRefusal(path)) return path;
  if (present(path)) {
    return path!.startsWith("/")
      ? { name: PATH_NAME, url: `http://${ECS}${path}` }
      : invalid(`${PATH_NAME} is not a path: expected one that begins with /`);
  }
  const text = await variable(URL_NAME);
  if (isRefusal(text)) return text;
  const url = endpoint(text ?? "", { name: URL_NAME, allowInsecureHttp: true });
  if (isRefusal(url)) return url;
  const { protocol, hostname, href } = url;
  return protocol === "https:" || isLoopback(hostname) || AGENTS.includes(hostname)
    ? { name: URL_NAME, url: href }
    : invalid(`${URL_NAME} is plain http: expected https, a loopback address, or one of ${AGENTS.join(", ")}`);
}

/** Returns the token for the agent, and the variable that gave it. The file is read for each request. */
async function tokenOf(
  { variable, files }: KeyRequest,
): Promise<{ readonly name: string; readonly text: string } | Refusal | undefined> {
  const path = await variable(FILE_NAME);
  if (isRefusal(path)) return path;
  const name = present(path) ? FILE_NAME : TOKEN_NAME;
  if (present(path) && !files) {
    return invalid(`${FILE_NAME} is set, and this runtime has no files: set ${TOKEN_NAME} instead`);
  }
  const text = present(path) ? await readAbsolute(files!, path!, FILE_NAME, new Map()) : await variable(TOKEN_NAME);
  if (isRefusal(text)) return text;
  if (!present(text)) {
    return name === FILE_NAME
      ? invalid(`${FILE_NAME} names a file that does not exist, or is blank`, { transient: true })
      : undefined;
  }
  return /^[ -~]+$/.test(text!) ? { name, text: text! } : invalid(`${name} holds characters that no token has`);
}

import { AwsV4Signer } from "aws4fetch";
import { endpoint, optionName } from "../../core/chain/endpoint.ts";
import { unlessTooLarge } from "../../core/chain/http_refusal.ts";
import { type OptionTypes, wrongType } from "../../core/chain/option_types.ts";
import { denied, invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Context, NeededCredential, Surroundings } from "../../core/chain/store_spec.ts";
import { boundedFetch } from "../../core/runtime/bounded_fetch.ts";
import { refusalFor } from "./refusals.ts";

/**
 * Where a service of AWS is asked.
 *
 * @example An emulator on loopback
 * ```ts
 * import { type AwsOptions, parameterStore, secretsManager } from "@alphaswarm/credentials/aws";
 *
 * const emulator: AwsOptions = {
 *   region: "eu-west-1",
 *   endpoint: "http://127.0.0.1:4566",
 * };
 * const sm = secretsManager({ priority: 300, credentials: "aws:keys", ...emulator });
 * const ps = parameterStore({ priority: 200, credentials: "aws:keys", ...emulator });
 * ```
 * @category Stores
 */
export interface AwsOptions {
  /** The region, such as `eu-west-1`, which also gives the host of the service. */
  readonly region: string;
  /**
   * The URL of the service, for a VPC endpoint, FIPS, an isolated region or an emulator; unless set, that of the
   * region.
   */
  readonly endpoint?: string;
  /** Allows plain http to hosts other than loopback. Anybody on the network path can read the secrets. */
  readonly allowInsecureHttp?: true;
}

const TYPES: OptionTypes<AwsOptions> = {
  region: "string",
  endpoint: "string|undefined",
  allowInsecureHttp: "boolean|undefined",
};

// Hint: a bundler keeps a spread at module scope, which may run code, in every bundle.
/** Returns the types of the options that all stores of AWS have, and of a store's own. */
// @__NO_SIDE_EFFECTS__
export function withAwsTypes<O extends object>(own: O): O & typeof TYPES {
  return { ...TYPES, ...own };
}

/** Checks the options that all stores of AWS have. */
export const AWS_CHECKS = {
  region: (value: unknown): string | undefined =>
    isRegion(String(value)) ? undefined : "Expected a region, such as eu-west-1",
};

// Hint: the region becomes part of a host name, and a variable must not lead requests elsewhere.
function isRegion(text: string): boolean {
  return /^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(text);
}

/** A service of AWS, by the name that signatures use. */
export type ServiceName = "secretsmanager" | "ssm";

/** What the service is called in the header that names an action. */
const TARGETS = { secretsmanager: "secretsmanager", ssm: "AmazonSSM" } as const;

/** Returns the URL of a service, or a text that is not a URL if an option does not fit. */
export function urlOf(service: ServiceName, { region, endpoint }: AwsOptions): string {
  if (endpoint) return endpoint;
  const domain = /^cn-/.test(region) ? "amazonaws.com.cn" : /^eusc-/.test(region) ? "amazonaws.eu" : "amazonaws.com";
  return isRegion(region) ? `https://${service}.${region}.${domain}/` : "";
}

/** An action of a service. */
export interface Action {
  /** Its name, such as `GetSecretValue`. */
  readonly name: string;
  /** What is asked for, in declared names. */
  readonly what: string;
  readonly body: object;
}

/** Runs an action; gives `undefined` if what was asked for does not exist. */
export type CallAws = (
  action: Action,
  context: Context<"credentials">,
) => Promise<Readonly<Record<string, unknown>> | undefined | Refusal>;

/** Returns a function that runs the actions of a service, or a refusal if an option does not fit. */
export function openService<O extends AwsOptions>(
  service: ServiceName,
  options: O,
  types: OptionTypes<O>,
  { clock, declared, ...surroundings }: Surroundings,
): CallAws | Refusal {
  const mistake = wrongType(options, types);
  if (mistake) return mistake;
  const { region, allowInsecureHttp } = options;
  const regionOption = optionName("region", declared.region);
  if (!isRegion(region)) return invalid(`${regionOption} is not a region, such as eu-west-1`);
  const urlOption = options.endpoint ? optionName("endpoint", declared.endpoint) : undefined;
  const url = endpoint(urlOf(service, options), { name: "endpoint", declared: declared.endpoint, allowInsecureHttp });
  if (isRefusal(url)) return url;
  const fetch = boundedFetch(surroundings.fetch);
  return async ({ name, what, body: asked }, { need, signal }) => {
    const keys = await need("credentials");
    const who = `"${keys.key}" from "${keys.source}"`;
    const signing = signingKeys(keys);
    if (!signing) return invalid(`${who} has a key with a character that no key of AWS has, such as a line break`);
    if (signing.accessKeyId.startsWith("ASIA") && signing.sessionToken === undefined) {
      const lack = `the access_key of ${who} is temporary, and has no session_token, without which AWS refuses it`;
      return denied(lack, { need: "credentials" });
    }
    const signer = new AwsV4Signer({
      ...signing,
      url: url.href,
      method: "POST",
      body: JSON.stringify(asked),
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${TARGETS[service]}.${name}` },
      service,
      region,
      datetime: new Date(clock.now()).toISOString().replace(/[:-]|\.\d+/g, ""),
      allHeaders: true,
    });
    const { method, headers, body } = await signer.sign();
    const response = await fetch(url.href, { method, headers, body: body as string, signal }).catch((thrown) => {
      throw urlOption ? unlessTooLarge(thrown, urlOption) : thrown;
    });
    const text = await response.text();
    const answer = parse(text);
    if (response.status === 200 && answer) return answer;
    const permission = `${service}:${name}`;
    return refusalFor(response, answer, { who, permission, what, regionOption, urlOption, now: clock.now() });
  };
}

interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Returns the keys that sign; `undefined` if they cannot be a header's value. */
function signingKeys(keys: NeededCredential): SigningKeys | undefined {
  const [accessKeyId = "", secretAccessKey = "", sessionToken] = ["access_key", "secret_key", "session_token"]
    .map((name) => keys.fields.includes(name) ? String(keys.get(name)) : undefined);
  const given = [accessKeyId, secretAccessKey, sessionToken ?? "-"];
  if (!given.every((text) => /^[!-~]+$/.test(text))) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** Returns the members of an answer; `undefined` if it is not a JSON object. */
function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

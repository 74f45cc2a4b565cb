import { type Listening, listening } from "./listening.ts";
import { type SigningKeys, verifySignature } from "./sigv4.ts";
import { type FixedAnswer, responseOf } from "./vault.ts";

/** An action that was asked for, with a signature that is right. */
export interface AwsRequest {
  /** The service and the action, such as `ssm:GetParameters`. */
  readonly action: string;
  readonly access_key: string;
  readonly region: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An answer, or what makes it. */
export type AwsAnswer = FixedAnswer | ((request: AwsRequest) => FixedAnswer);

/**
 * A stand-in for Secrets Manager and Parameter Store, on a loopback server or as a `fetch`. It verifies signatures, by
 * code that is not the stores', and answers errors with the statuses in AWS's API references: 400 for nearly all.
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html and API_GetSecretValue.html,
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html and CommonErrors.html
 */
export class AwsStandIn {
  /** The keys by access key id. */
  readonly keys = new Map<string, SigningKeys>([["AKIAFAKE", { secret_key: "not-a-secret" }]]);
  /** The texts of the secrets, and of the parameters. */
  readonly secrets = new Map<string, string>();
  readonly parameters = new Map<string, string>();
  /** What all requests get instead, no matter who signed them. */
  answer: AwsAnswer | undefined;
  /** The requests whose signature was right, in order. */
  readonly sent: AwsRequest[] = [];
  /** The server's clock. */
  now: () => number = Date.now;

  /** Answers a request. */
  readonly handle = async (request: Request): Promise<Response> => {
    const body = await request.text();
    const url = new URL(request.url);
    const { method, headers } = request;
    // Hint: on a socket the header is there, and a `fetch` in memory has only the URL.
    const received = new Headers(headers);
    received.set("host", headers.get("host") ?? url.host);
    const verified = verifySignature({ method, url, headers: received, body }, (id) => this.keys.get(id));
    if (typeof verified === "string") return this.#respond(failure(verified));
    const { access_key, region, service, signedAt } = verified;
    const action = `${service}:${headers.get("x-amz-target")?.split(".")[1]}`;
    const asked = { action, access_key, region, body: JSON.parse(body) };
    this.sent.push(asked);
    const { answer } = this;
    if (answer) return this.#respond(typeof answer === "function" ? answer(asked) : answer);
    const late = this.now() - signedAt;
    if (Math.abs(late) > 300_000) {
      return this.#respond(
        failure("InvalidSignatureException", late > 0 ? "Signature expired: x" : "Signature not yet current: x"),
      );
    }
    return this.#respond(this.#do(asked));
  };

  #respond(answer: FixedAnswer): Response {
    const response = responseOf(answer);
    const { headers } = response;
    if (!headers.has("date")) headers.set("date", new Date(this.now()).toUTCString());
    return response;
  }

  #do({ action, body }: AwsRequest): FixedAnswer {
    if (action === "secretsmanager:GetSecretValue") {
      const text = this.secrets.get(`${body.SecretId}`);
      if (text === undefined) return failure("ResourceNotFoundException");
      return [200, { Name: body.SecretId, VersionId: "00000000-0000-4000-8000-000000000001", SecretString: text }];
    }
    if (action === "ssm:GetParameter") {
      const parameter = this.#parameter(`${body.Name}`);
      return parameter ? [200, { Parameter: parameter }] : failure("ParameterNotFound");
    }
    if (action !== "ssm:GetParameters") return failure("UnknownOperationException", "", 404);
    const names = body.Names as string[];
    if (names.length > 10 || new Set(names).size < names.length) return failure("ValidationException");
    return [200, {
      Parameters: names.flatMap((name) => this.#parameter(name) ?? []),
      InvalidParameters: names.filter((name) => !this.#parameter(name)),
    }];
  }

  #parameter(asked: string): object | undefined {
    const [, name = "", Selector] = /^(.*?)(:[\w.-]+)?$/.exec(asked) ?? [];
    const Value = this.parameters.get(name);
    return Value === undefined
      ? undefined
      : { Name: name, Value, Version: 1, Type: "SecureString", ...(Selector && { Selector }) };
  }
}

/** An error as AWS answers it. */
export function failure(code: string, message = "", status?: number, headers?: Record<string, string>): FixedAnswer {
  return [status ?? STATUSES[code] ?? 400, { __type: code, message }, {
    "content-type": "application/x-amz-json-1.1",
    ...headers,
  }];
}

/** The errors whose status is not 400, by AWS's API references. */
const STATUSES: Readonly<Record<string, number>> = {
  InternalFailure: 500,
  InternalServerError: 500,
  InternalServiceError: 500,
  InvalidClientTokenId: 403,
  MissingAuthenticationToken: 403,
  OptInRequired: 403,
  ServiceUnavailable: 503,
};

/** Starts the stand-in on a loopback server. */
export function startAwsStandIn(): Listening & { readonly aws: AwsStandIn } {
  const aws = new AwsStandIn();
  return { ...listening(aws.handle), aws };
}

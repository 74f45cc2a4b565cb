import { AwsClient } from "npm:aws4fetch@^1.0.20";
import { createResolver, type Credential, defineChain, memory, required } from "../../../../mod.ts";
import { oauth2 } from "../../../../src/stores/oauth2.ts";
import { sts } from "../../../../src/stores/sts.ts";

/** Where the servers are, and who the client is. */
export interface Settings {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly stsEndpoint: string;
  readonly role: string;
  /** The URL of an object. */
  readonly object: string;
  readonly region: string;
  /** How long a temporary credential is good, in milliseconds. */
  readonly duration: number;
}

/** What became of it. */
export interface Outcome {
  readonly put: number;
  readonly get: readonly [status: number, text: string];
  /** The status of a GET with the first credential after its expiry. */
  readonly refused: number;
  /** How long after the expiry the server went on taking it, in milliseconds. */
  readonly tolerated: number;
  readonly renewed: boolean;
  readonly getAgain: readonly [status: number, text: string];
  readonly trace: readonly string[];
  readonly traceAgain: readonly string[];
}

/** The credentials that it uses. */
export function createSessions({ clientId, clientSecret, tokenEndpoint, stsEndpoint, role, duration }: Settings) {
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 300, tokenEndpoint, client: "m2m:client" }),
      sts: sts({ priority: 250, endpoint: stsEndpoint, webIdentity: "minio:identity", role, duration }),
      memory: memory({ priority: 100, values: { client_id: clientId, client_secret: clientSecret } }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { memory: { prefix: "" } },
      },
      "minio:identity": {
        fields: { token: required() },
        from: { m2m: { resource: "urn:alphaswarm:minio", fields: { token: "access_token" } } },
      },
      "minio:sts": {
        fields: { access_key: required(), secret_key: required(), session_token: required() },
        from: { sts: true },
      },
    },
  });
  return createResolver(chain);
}

/** A token, exchanged for a temporary credential, with which an object is written and read, through an expiry. */
export async function endToEnd(settings: Settings): Promise<Outcome> {
  const resolver = createSessions(settings);
  const first = await resolver.resolve("minio:sts");
  const s3 = async (credential: typeof first, init?: RequestInit) => {
    const client = new AwsClient({
      accessKeyId: credential.get("access_key"),
      secretAccessKey: credential.get("secret_key"),
      sessionToken: credential.get("session_token"),
      service: "s3",
      region: settings.region,
      retries: 0,
    });
    const answer = await client.fetch(settings.object, init);
    return [answer.status, await answer.text()] as const;
  };
  const [put] = await s3(first, { method: "PUT", body: "written" });
  const get = await s3(first);
  const expiresAt = first.expiresAt!;
  let [refused] = get;
  while (refused === 200 && Date.now() < expiresAt + 8_000) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    [refused] = await s3(first);
  }
  const tolerated = Date.now() - expiresAt;
  const second = await resolver.resolve("minio:sts");
  return {
    put,
    get,
    refused,
    tolerated,
    renewed: second !== first && second.get("session_token") !== first.get("session_token"),
    getAgain: await s3(second),
    trace: shown(first),
    traceAgain: shown(second),
  };
}

function shown({ trace }: Pick<Credential, "trace">): string[] {
  return trace.map(({ store, outcome, detail }) => [store, outcome, detail].join(" ").trim());
}

import { AwsClient } from "npm:aws4fetch@^1.0.20";
import type { Credential } from "../../../../mod.ts";
import { createSessions, type SessionSettings } from "../sessions.ts";

/** The servers, the client, and the object that it writes. */
export interface Settings extends SessionSettings {
  /** The URL of an object. */
  readonly object: string;
  readonly region: string;
}

/** The results of the requests. */
export interface Outcome {
  readonly put: number;
  readonly get: readonly [status: number, text: string];
  /** The status of a GET with the first credential after its expiry. */
  readonly refused: number;
  /** When the last request was sent that the server accepted, in milliseconds after the credential's expiry. */
  readonly tolerated: number;
  readonly renewed: boolean;
  readonly getAgain: readonly [status: number, text: string];
  readonly trace: readonly string[];
  readonly traceAgain: readonly string[];
}

/** Exchanges a token for a temporary credential, and writes and reads an object with it, until after its expiry. */
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
  let [[refused], accepted] = [get, Date.now()];
  while (refused === 200 && Date.now() < expiresAt + 8_000) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const at = Date.now();
    [refused] = await s3(first);
    if (refused === 200) accepted = at;
  }
  const tolerated = accepted - expiresAt;
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

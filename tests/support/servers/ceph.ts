import { AwsClient } from "npm:aws4fetch@^1.0.20";
import type { OidcProvider } from "./oidc_provider.ts";
import { startService } from "./service_process.ts";

/** The static credential of the bucket's owner. */
export interface CephAdmin {
  /** The access key. */
  readonly accessKey: string;
  /** The secret key. */
  readonly secretKey: string;
}

/** What the server process reports when it is ready. */
export interface CephReady {
  /** The URL of the S3 gateway. */
  readonly endpoint: string;
  /** The process ids of the daemons. */
  readonly pids: readonly number[];
  /** The directory of their files. */
  readonly directory: string;
}

/** A running S3 gateway with an STS. */
export interface Ceph extends CephReady, AsyncDisposable {
  /** The process id of the server process, which supervises the daemons. */
  readonly pid: number;
  /** The URL of the STS, the same as that of the gateway. */
  readonly stsEndpoint: string;
  /** The role that tokens for `urn:alphaswarm:minio` can assume, with all permissions in S3. */
  readonly roleArn: string;
  /** The name of a bucket. */
  readonly bucket: string;
  /** The region for which requests are signed. */
  readonly region: string;
  /** The owner of the bucket. */
  readonly admin: CephAdmin;
  /** Stops the gateway and its cluster, and removes their files. */
  stop(): Promise<void>;
}

/**
 * Starts Ceph's S3 gateway with a cluster in memory, on free ports of the loopback address, which trusts an OpenID
 * provider.
 *
 * @param options The provider whose tokens the STS accepts.
 * @returns The running gateway.
 * @throws {Error} If it is not installed, or does not start.
 *
 * @example
 * ```ts
 * await using oidc = await startOidcProvider();
 * await using ceph = await startCeph({ oidc });
 * ```
 */
export async function startCeph({ oidc }: { readonly oidc: OidcProvider }): Promise<Ceph> {
  const admin = { accessKey: `fake${crypto.randomUUID().slice(0, 8)}`, secretKey: `fake-${crypto.randomUUID()}` };
  const server = await startService<CephReady>(new URL("./ceph_server.ts", import.meta.url), admin);
  const { endpoint } = server.ready;
  const region = "us-east-1";
  const bucket = "alphaswarm";
  try {
    const roleArn = await trustProvider(endpoint, region, admin, oidc);
    const s3 = new AwsClient({ accessKeyId: admin.accessKey, secretAccessKey: admin.secretKey, service: "s3", region });
    await expectOk(await s3.fetch(`${endpoint}/${bucket}`, { method: "PUT" }));
    return {
      ...server.ready,
      pid: server.pid,
      stsEndpoint: endpoint,
      roleArn,
      bucket,
      region,
      admin,
      stop: server.stop,
      [Symbol.asyncDispose]: server.stop,
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Registers the provider, and a role that its tokens can assume, with the IAM API. */
async function trustProvider(endpoint: string, region: string, admin: CephAdmin, oidc: OidcProvider): Promise<string> {
  const iam = new AwsClient({
    accessKeyId: admin.accessKey,
    secretAccessKey: admin.secretKey,
    service: "iam",
    region,
  });
  const call = async (Action: string, parameters: Record<string, string>): Promise<string> => {
    const query = new URLSearchParams({ Action, Version: "2010-05-08", ...parameters });
    return await expectOk(await iam.fetch(`${endpoint}/?${query}`, { method: "POST" }));
  };
  await call("CreateOpenIDConnectProvider", {
    "Url": oidc.issuer,
    "ClientIDList.member.1": "urn:alphaswarm:minio",
    "ThumbprintList.member.1": oidc.thumbprint,
  });
  const Federated = [`arn:aws:iam:::oidc-provider/${new URL(oidc.issuer).host}`];
  const created = await call("CreateRole", {
    RoleName: "alphaswarm",
    Path: "/",
    AssumeRolePolicyDocument: policy({ Principal: { Federated }, Action: ["sts:AssumeRoleWithWebIdentity"] }),
  });
  await call("PutRolePolicy", {
    RoleName: "alphaswarm",
    PolicyName: "s3",
    PolicyDocument: policy({ Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] }),
  });
  const arn = /<Arn>(?<arn>[^<]+)<\/Arn>/.exec(created)?.groups?.arn;
  if (arn === undefined) throw new Error(`Cannot find the role in ${created}`);
  return arn;
}

function policy(statement: Record<string, unknown>): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}

async function expectOk(answer: Response): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Cannot prepare Ceph: ${answer.status} ${text}`);
  return text;
}

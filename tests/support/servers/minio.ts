import { AwsClient } from "npm:aws4fetch@^1.0.20";
import { getServer } from "./get/servers.ts";
import { startService } from "./service_process.ts";

/** What MinIO trusts. */
export interface MinioOptions {
  /** The OpenID provider whose tokens the STS accepts, for example a Keycloak. */
  readonly openid: { readonly issuer: string };
  /** The audiences of the tokens; default those of the scope `minio` of `startKeycloak`. MinIO wants them different. */
  readonly audiences?: MinioAudiences;
  /** The policy of those who assume the role; default `readwrite`. */
  readonly rolePolicy?: string;
}

/** The audience of the tokens of each of the two identity providers. */
export interface MinioAudiences {
  /** Of those whose claim `policy` names the policies, and that are exchanged without a role. */
  readonly claims: string;
  /** Of those that can assume the role. */
  readonly role: string;
}

/** The options of the server process. */
export interface MinioServerOptions {
  /** The URL of the OpenID provider's metadata. */
  readonly discovery: string;
  /** The audiences of the tokens. */
  readonly audiences: MinioAudiences;
  /** The policy of the role. */
  readonly rolePolicy: string;
  /** The root credential. */
  readonly admin: MinioKeys;
}

/** A static credential. */
export interface MinioKeys {
  /** The access key. */
  readonly accessKey: string;
  /** The secret key. */
  readonly secretKey: string;
}

/** What the server process reports when it is ready. */
export interface MinioReady {
  /** The URL of S3 and of the STS. */
  readonly endpoint: string;
  /** The role that tokens can assume. */
  readonly roleArn: string;
  /** The process id of MinIO. */
  readonly minioPid: number;
  /** The directory of its files. */
  readonly directory: string;
}

/** A running MinIO. */
export interface Minio extends MinioReady, AsyncDisposable {
  /** The process id of the server process, which supervises MinIO. */
  readonly pid: number;
  /** The URL of the STS, the same as that of S3. */
  readonly stsEndpoint: string;
  /** The name of a bucket. */
  readonly bucket: string;
  /** The region for which requests are signed. */
  readonly region: string;
  /** The root credential. */
  readonly admin: MinioKeys;
  /** The name of a policy that allows everything in the bucket, and nothing else. */
  readonly policy: string;
  /** The name by which `mc` knows this server. */
  readonly alias: string;
  /**
   * Runs MinIO's client as the root user, for example `mc("admin", "user", "svcacct", "add", alias, user, "--json")`.
   *
   * @returns What it printed.
   * @throws {Error} If it fails, with what it printed.
   */
  mc(...args: string[]): Promise<string>;
  /** Adds a user with the policy of the bucket, for whom service accounts can be minted. */
  addUser(name: string): Promise<void>;
  /** Stops MinIO, and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts MinIO on a free port of the loopback address, which trusts an OpenID provider twice: without a role, the claim
 * `policy` of a token names the policies of its credential, and with the role, the role's policy is that.
 *
 * @param options The provider, and the audiences of its tokens.
 * @returns The running server.
 * @throws {Error} If it cannot be got, or does not start.
 *
 * @example
 * ```ts
 * await using keycloak = await startKeycloak();
 * await using minio = await startMinio({ openid: keycloak });
 * ```
 */
export async function startMinio({ openid, ...options }: MinioOptions): Promise<Minio> {
  const { audiences = { claims: "minio", role: "minio-role" }, rolePolicy = "readwrite" } = options;
  const admin = { accessKey: `fake${crypto.randomUUID().slice(0, 8)}`, secretKey: `fake-${crypto.randomUUID()}` };
  const discovery = `${openid.issuer}/.well-known/openid-configuration`;
  const settings: MinioServerOptions = { discovery, audiences, rolePolicy, admin };
  const program = `${await getServer("mc")}/mc`;
  const server = await startService<MinioReady>(new URL("./minio_server.ts", import.meta.url), settings);
  const { endpoint, directory } = server.ready;
  const [alias, bucket, policy, region] = ["tests", "alphaswarm", "alphaswarm", "us-east-1"];
  const host = Object.assign(new URL(endpoint), { username: admin.accessKey, password: admin.secretKey }).href;
  const run = (args: readonly string[], input = "") =>
    runClient(program, ["--config-dir", `${directory}/mc`, ...args], { [`MC_HOST_${alias}`]: host }, input);
  const mc = (...args: string[]) => run(args);
  const addUser = async (name: string): Promise<void> => {
    await run(["admin", "user", "add", alias], `${name}\nfake-${crypto.randomUUID()}\n`);
    await mc("admin", "policy", "attach", alias, policy, "--user", name);
  };
  try {
    const s3 = new AwsClient({ accessKeyId: admin.accessKey, secretAccessKey: admin.secretKey, service: "s3", region });
    const { status } = await s3.fetch(`${endpoint}/${bucket}`, { method: "PUT" });
    if (status !== 200) throw new Error(`Cannot create a bucket at MinIO: ${status}`);
    await Deno.writeTextFile(`${directory}/policy.json`, bucketPolicy(bucket));
    await mc("admin", "policy", "create", alias, policy, `${directory}/policy.json`);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const { pid, stop } = server;
  const names = { alias, bucket, policy, region, stsEndpoint: endpoint };
  return { ...server.ready, ...names, pid, admin, mc, addUser, stop, [Symbol.asyncDispose]: stop };
}

function bucketPolicy(bucket: string): string {
  const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["s3:*"], Resource }] });
}

// Hint: other users can read arguments, so secrets are in variables or on standard input.
async function runClient(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  input: string,
): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], env, stdin: "piped", stdout: "piped", stderr: "piped" });
  const child = command.spawn();
  const [{ success, stdout, stderr }] = await Promise.all([
    child.output(),
    new Response(input).body!.pipeTo(child.stdin).catch(() => {}),
  ]);
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot run "mc": ${decoder.decode(stdout)}${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

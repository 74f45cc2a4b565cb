import { fileURLToPath } from "node:url";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import type { AwsKeys } from "../../../src/clients/aws.ts";
import { Daemon } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";
import { getServer } from "./get/servers.ts";
import { waitForAnswer } from "./wait_for_answer.ts";

/** What starts the server. */
const PROGRAM = new URL("moto_server.py", import.meta.url);

/** How long the server may take to start. */
const START_TIMEOUT_MS = 60_000;

/** The requests that create the administrator, which the server answers without a signature. */
const UNSIGNED_REQUESTS = 3;

/** The region of everything on the server. */
export const MOTO_REGION = "eu-west-1";

/** An access key of the server, by the names that credentials have. */
export interface MotoKeys {
  readonly access_key: string;
  readonly secret_key: string;
}

/**
 * A running moto: a stand-in for AWS, which checks signatures and IAM policies. Its statuses are not always those of AWS, and
 * it believes any web identity.
 */
export interface Moto extends AsyncDisposable {
  /** Its URL, for every service. */
  readonly url: string;
  /** The keys of a user who may do anything. */
  readonly admin: MotoKeys;
  /** Creates a user who is allowed these actions on everything; returns an access key. */
  createUser(name: string, actions: readonly string[]): Promise<MotoKeys>;
  /** Creates another access key of a user. */
  createKey(user: string): Promise<MotoKeys>;
  /** Calls an action of a service with JSON, such as `secretsmanager.CreateSecret` or `AmazonSSM.PutParameter`. */
  call(target: string, body: object): Promise<Record<string, unknown>>;
  /** Calls an action of a service with a form, such as `iam` and `DeleteAccessKey`; returns the XML. */
  query(service: string, parameters: Readonly<Record<string, string>>): Promise<string>;
  /** Writes a secret: a new version of one that is there. */
  putSecret(name: string, text: string): Promise<void>;
  /** Marks a secret for deletion, or removes it. */
  deleteSecret(name: string, force?: "force"): Promise<void>;
  /** Removes parameters, those that are there. */
  deleteParameters(...names: readonly string[]): Promise<void>;
  /** Writes a parameter, encrypted. */
  putParameter(name: string, text: string): Promise<void>;
}

/**
 * Starts moto on a free port of the loopback address.
 *
 * @returns The running server.
 * @throws {Error} If it cannot be got, or does not start.
 */
export async function startMoto(): Promise<Moto> {
  const directory = await getServer("moto");
  const [port] = freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PYTHONPATH: directory,
    PYTHONDONTWRITEBYTECODE: "1",
    INITIAL_NO_AUTH_ACTION_COUNT: `${UNSIGNED_REQUESTS}`,
    MOTO_IAM_LOAD_MANAGED_POLICIES: "false",
  };
  const daemon = new Daemon({ program: "python3", env }, fileURLToPath(PROGRAM), "-H", "127.0.0.1", "-p", `${port}`);
  try {
    await waitForAnswer("moto", `${url}/moto-api/data.json`, daemon, START_TIMEOUT_MS);
    // Hint: the first requests are not verified, so any key signs them.
    const first = adminOf(url, { accessKeyId: "AKIAUNSIGNED", secretAccessKey: "not-a-secret" });
    const admin = await first.createUser("admin", ["*"]);
    const more = adminOf(url, { accessKeyId: admin.access_key, secretAccessKey: admin.secret_key });
    return { url, admin, ...more, [Symbol.asyncDispose]: () => daemon.stop() };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

/** Returns what an administrator may do, with these keys. */
function adminOf(url: string, keys: AwsKeys): Omit<Moto, "url" | "admin" | typeof Symbol.asyncDispose> {
  const clientOf = (service: string) => new AwsClient({ ...keys, service, region: MOTO_REGION, retries: 0 });
  const send = async (service: string, headers: Record<string, string>, body: string): Promise<string> => {
    const response = await clientOf(service).fetch(url, { method: "POST", headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${service}: HTTP ${response.status}: ${text}`);
    return text;
  };
  const call: Moto["call"] = async (target, body) => {
    const service = target.startsWith("AmazonSSM") ? "ssm" : "secretsmanager";
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    return JSON.parse(await send(service, headers, JSON.stringify(body)) || "{}");
  };
  const query: Moto["query"] = (service, parameters) => {
    const form = new URLSearchParams({ Version: service === "iam" ? "2010-05-08" : "2011-06-15", ...parameters });
    // Hint: moto writes the form anew before it verifies the signature, as Python does.
    const body = form.toString().replaceAll("*", "%2A");
    return send(service, { "content-type": "application/x-www-form-urlencoded" }, body);
  };
  const createKey: Moto["createKey"] = async (user) => {
    const xml = await query("iam", { Action: "CreateAccessKey", UserName: user });
    return { access_key: textIn(xml, "AccessKeyId"), secret_key: textIn(xml, "SecretAccessKey") };
  };
  return {
    call,
    query,
    createKey,
    createUser: async (name, actions) => {
      const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
      const user = { UserName: name };
      await query("iam", { Action: "CreateUser", ...user });
      const document = { PolicyName: "allowed", PolicyDocument: JSON.stringify(policy) };
      await query("iam", { Action: "PutUserPolicy", ...user, ...document });
      return await createKey(name);
    },
    putSecret: async (name, text) => {
      const { SecretList: found } = await call("secretsmanager.ListSecrets", { IncludePlannedDeletion: true });
      const isThere = (found as { readonly Name: string }[]).some(({ Name }) => Name === name);
      await (isThere
        ? call("secretsmanager.PutSecretValue", { SecretId: name, SecretString: text })
        : call("secretsmanager.CreateSecret", { Name: name, SecretString: text }));
    },
    deleteSecret: async (name, force) => {
      await call("secretsmanager.DeleteSecret", {
        SecretId: name,
        ...(force && { ForceDeleteWithoutRecovery: true }),
      });
    },
    deleteParameters: async (...names) => void await call("AmazonSSM.DeleteParameters", { Names: names }),
    putParameter: async (name, text) => {
      await call("AmazonSSM.PutParameter", { Name: name, Value: text, Type: "SecureString", Overwrite: true });
    },
  };
}

function textIn(xml: string, element: string): string {
  const [, text] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml) ?? [];
  if (text === undefined) throw new Error(`The answer has no ${element}`);
  return text;
}

import { createResolver } from "../../mod.ts";
import { type BenchResolver, envChain, fileChain, KEY, VALUES, VARIABLES } from "./chains.ts";
import { directoryOf, readText, readVariable, setVariables } from "./machine.ts";
import { awaited, type Batch, type Row, sync } from "./measure.ts";
import type { Load, Overlay, Smithy, Unstorage } from "./peers.ts";

/** Resolves from the environment of the process, after two stores that have nothing. */
export async function coldFromEnv(load: Load): Promise<Row> {
  setVariables({ ...VARIABLES, AWS_ACCESS_KEY_ID: VALUES.client_id, AWS_SECRET_ACCESS_KEY: VALUES.client_secret });
  const prefixes = ["BENCH_ABSENT_", "BENCH_OTHER_", "BENCH_"];
  return {
    subject: coldResolve(createResolver(envChain(prefixes))),
    floor: awaited(handWritten(prefixes, readVariable)),
    peers: await chainPeers(prefixes, readVariable, load),
  };
}

/** Resolves from the last of many stores. The variables are in a record, so that only the walk is timed. */
export async function lastOfMany(stores: number, load: Load): Promise<Row> {
  const prefixes = Array.from({ length: stores }, (_, at) => at === stores - 1 ? "BENCH_" : `BENCH_ABSENT${at}_`);
  const read = (name: string) => (VARIABLES as Record<string, string>)[name];
  setVariables({ AWS_ACCESS_KEY_ID: VALUES.client_id, AWS_SECRET_ACCESS_KEY: VALUES.client_secret });
  return {
    subject: coldResolve(createResolver(envChain(prefixes), { env: VARIABLES })),
    floor: awaited(handWritten(prefixes, read)),
    peers: await chainPeers(prefixes, read, load),
  };
}

/** Resolves a held credential of a chain with many stores. The floor is the same with one store. */
export async function warmAmong(stores: number): Promise<Row> {
  const prefixes = Array.from({ length: stores }, (_, at) => at === stores - 1 ? "BENCH_" : `BENCH_ABSENT${at}_`);
  const many = createResolver(envChain(prefixes), { env: VARIABLES });
  const one = createResolver(envChain(["BENCH_"]), { env: VARIABLES });
  await many.resolve(KEY);
  await one.resolve(KEY);
  return { subject: awaited(() => many.resolve(KEY)), floor: awaited(() => one.resolve(KEY)) };
}

/** Resolves from a JSON document of 200 bytes. The floor reads and parses it without validation. */
export async function coldFromFile(load: Load): Promise<Row> {
  const document = "principal.json";
  const bare = JSON.stringify({ ...VALUES, note: "" });
  const directory = directoryOf({
    [document]: JSON.stringify({ ...VALUES, note: "x".repeat(200 - bare.length) }),
    credentials: `[default]\naws_access_key_id = reader\naws_secret_access_key = not-a-secret\n`,
    config: "",
  });
  const path = `${directory}/${document}`;
  return {
    subject: coldResolve(createResolver(fileChain(directory, document))),
    floor: sync(() => JSON.parse(readText(path))),
    peers: { ...await convictPeer(path, load), ...await iniPeer(directory, load) },
  };
}

function coldResolve(resolver: BenchResolver): Batch {
  return awaited(() => {
    resolver.invalidate(KEY);
    return resolver.resolve(KEY);
  });
}

/**
 * Creates the equivalent written by hand: a function that finds the first prefix with both values, and returns a trace
 * and the values, which are not shown when the result is printed.
 */
function handWritten(prefixes: readonly string[], read: (name: string) => string | undefined) {
  const names = prefixes.map((source) => ({ source, id: `${source}CLIENT_ID`, secret: `${source}CLIENT_SECRET` }));
  const present = (name: string) => {
    const value = read(name);
    return value === undefined || value.trim() === "" ? undefined : value;
  };
  return () => {
    const trace: { source: string; outcome: string }[] = [];
    for (const { source, id, secret } of names) {
      const values = { client_id: present(id), client_secret: present(secret) };
      const found = values.client_id !== undefined && values.client_secret !== undefined;
      trace.push({ source, outcome: found ? "hit" : "miss" });
      if (found) return { source, trace, get: (name: keyof typeof values) => values[name] };
    }
  };
}

async function chainPeers(
  prefixes: readonly string[],
  read: (name: string) => string | undefined,
  load: Load,
): Promise<Record<string, Batch>> {
  const unstorage = await load<Unstorage>("unstorage");
  const overlay = await load<Overlay>("unstorage/drivers/overlay");
  const smithy = await load<Smithy>("@smithy/property-provider");
  const aws = await load<{ fromEnv(): () => Promise<unknown> }>("@aws-sdk/credential-provider-env");
  if (!unstorage || !overlay || !smithy || !aws) return {};
  const layers = prefixes.map((prefix) => ({
    getItem: (key: string) => read(prefix + key) ?? null,
    hasItem: (key: string) => read(prefix + key) !== undefined,
  }));
  const storage = unstorage.createStorage({ driver: overlay.default({ layers }) });
  const missing = () => Promise.reject(new smithy.CredentialsProviderError("nothing here", { tryNextLink: true }));
  const providers = prefixes.map((_, at) => at === prefixes.length - 1 ? aws.fromEnv() : missing);
  return {
    "unstorage overlay": awaited(
      async () => [await storage.getItem("CLIENT_ID"), await storage.getItem("CLIENT_SECRET")],
    ),
    "AWS chain": awaited(smithy.chain<unknown>(...providers)),
  };
}

async function convictPeer(path: string, load: Load): Promise<Record<string, Batch>> {
  interface Config {
    loadFile(path: string): Config;
    get(name: string): unknown;
  }
  const convict = await load<{ default(schema: object): Config }>("convict");
  const text = { format: String, default: "" };
  if (!convict) return {};
  return {
    convict: sync(() =>
      convict.default({ client_id: text, client_secret: text, note: text }).loadFile(path).get("client_id")
    ),
  };
}

async function iniPeer(directory: string, load: Load): Promise<Record<string, Batch>> {
  const aws = await load<{ fromIni(options: object): () => Promise<unknown> }>("@aws-sdk/credential-provider-ini");
  const options = { filepath: `${directory}/credentials`, configFilepath: `${directory}/config`, ignoreCache: true };
  return aws ? { "AWS ini": awaited(() => aws.fromIni(options)()) } : {};
}

/**
 * How each peer reads the two values from a file.
 *
 * @module
 */
import { awaited, sync } from "../measure.ts";
import type { Contenders, Load } from "../peers.ts";

/** Returns what reads a credentials file of the AWS SDK, which keeps no file. */
export function awsIni(directory: string): (load: Load) => Promise<Contenders> {
  return async (load) => {
    const { fromIni } = await load<{ fromIni(options: object): () => Promise<unknown> }>(
      "@aws-sdk/credential-provider-ini",
    );
    const options = { filepath: `${directory}/credentials`, configFilepath: `${directory}/config`, ignoreCache: true };
    return { "AWS ini": awaited(() => fromIni(options)()) };
  };
}

/** Returns what loads a JSON file into a convict configuration of its members. */
export function convictFile(path: string): (load: Load) => Promise<Contenders> {
  interface Config {
    loadFile(path: string): Config;
    get(name: string): string;
  }
  return async (load) => {
    const { default: convict } = await load<{ default(schema: object): Config }>("convict");
    const text = { format: String, default: "" };
    const schema = { client_id: text, client_secret: text, note: text };
    return {
      convict: sync(() => {
        const config = convict(schema).loadFile(path);
        return { client_id: config.get("client_id"), client_secret: config.get("client_secret") };
      }),
    };
  };
}

/** Returns what gets a JSON file as an item of a storage over a directory. */
export function unstorageFiles(directory: string, document: string): (load: Load) => Promise<Contenders> {
  interface Unstorage {
    createStorage(options: { driver: unknown }): { getItem(key: string): Promise<unknown> };
  }
  return async (load) => {
    const { createStorage } = await load<Unstorage>("unstorage");
    const { default: files } = await load<{ default(options: { base: string }): unknown }>("unstorage/drivers/fs-lite");
    const storage = createStorage({ driver: files({ base: directory }) });
    return { "unstorage fs-lite": awaited(() => storage.getItem(document)) };
  };
}

/**
 * How each peer finds the two values under the first of many prefixes that has them, in two steps: build what can be
 * asked, and ask it.
 *
 * @module
 */
import type { Load } from "../peers.ts";
import { readVariable } from "../process.ts";
import type { Values } from "../values.ts";

/** Reads a variable. */
export type Read = (name: string) => string | undefined;

/** Builds what finds the two values under the first prefix that has them. */
export type Build = (prefixes: readonly string[], read: Read) => () => unknown;

/** Loads a peer that reads variables. */
export type LayersPeer = (load: Load) => Promise<Build>;

interface Layer {
  getItem(key: string): unknown;
  hasItem(key: string): boolean;
}

/** A store with a layer for each prefix, which is asked for each of the two values. */
export const unstorageOverlay: LayersPeer = async (load) => {
  const storageOf = await overlaid(load);
  return (prefixes, read) =>
    storageOf(prefixes.map((prefix) => ({
      getItem: (key: string) => read(prefix + key) ?? null,
      hasItem: (key: string) => read(prefix + key) !== undefined,
    })));
};

/** The same with a driver of unstorage's own for each prefix, as its users declare them; the last has the values. */
export const unstorageDrivers: LayersPeer = async (load) => {
  interface Driver extends Layer {
    setItem(key: string, value: string): void;
  }
  const storageOf = await overlaid(load);
  const { default: memory } = await load<{ default(): Driver }>("unstorage/drivers/memory");
  return (prefixes, read) => {
    const drivers = prefixes.map(() => memory());
    for (const name of NAMES) drivers.at(-1)!.setItem(name, read(prefixes.at(-1)! + name)!);
    return storageOf(drivers);
  };
};

const NAMES = ["CLIENT_ID", "CLIENT_SECRET"] as const;

async function overlaid(load: Load): Promise<(layers: readonly Layer[]) => () => Promise<unknown>> {
  interface Unstorage {
    createStorage(options: { driver: unknown }): { getItem(key: string): Promise<unknown> };
  }
  interface Overlay {
    default(options: { layers: readonly Layer[] }): unknown;
  }
  const { createStorage } = await load<Unstorage>("unstorage");
  const { default: overlay } = await load<Overlay>("unstorage/drivers/overlay");
  return (layers) => {
    const storage = createStorage({ driver: overlay({ layers }) });
    return async () => ({ client_id: await storage.getItem(NAMES[0]), client_secret: await storage.getItem(NAMES[1]) });
  };
}

/** A chain of providers: all but the last throw that they have nothing, as they do in the SDK; the last is its own, for a process. */
export const awsChain: LayersPeer = async (load) => {
  type Provider = () => Promise<unknown>;
  interface Smithy {
    chain(...providers: readonly Provider[]): Provider;
    readonly CredentialsProviderError: new (message: string, options: { tryNextLink: boolean }) => Error;
  }
  const { chain, CredentialsProviderError } = await load<Smithy>("@smithy/property-provider");
  const { fromEnv } = await load<{ fromEnv(): Provider }>("@aws-sdk/credential-provider-env");
  return (prefixes, read) => {
    const providers = prefixes.map((prefix, at): Provider => {
      if (at === prefixes.length - 1 && read === readVariable) return fromEnv();
      return () => {
        const accessKeyId = read(`${prefix}CLIENT_ID`);
        const secretAccessKey = read(`${prefix}CLIENT_SECRET`);
        if (accessKeyId && secretAccessKey) return Promise.resolve({ accessKeyId, secretAccessKey });
        return Promise.reject(new CredentialsProviderError("nothing here", { tryNextLink: true }));
      };
    });
    return chain(...providers);
  };
};

/** A config of two texts, parsed with a provider for each prefix, each the fallback of the one before. */
export const effectConfig: LayersPeer = async (load) => {
  interface Provider {
    readonly provider: unique symbol;
  }
  interface EffectModule {
    readonly Config: {
      String(name: string): unknown;
      all(each: { readonly [N in keyof Values]: unknown }): { parse(provider: Provider): unknown };
    };
    readonly ConfigProvider: {
      make(get: (path: readonly string[]) => unknown): Provider;
      makeValue(value: string): unknown;
      orElse(first: Provider, second: Provider): Provider;
    };
    readonly Effect: { succeed(value: unknown): unknown; runSync(effect: unknown): unknown };
  }
  const { Config, ConfigProvider, Effect } = await load<EffectModule>("effect");
  return (prefixes, read) => {
    const config = Config.all({ client_id: Config.String("CLIENT_ID"), client_secret: Config.String("CLIENT_SECRET") });
    // Hint: `fromEnv` copies the environment once; this reads it at every call, as the others do.
    const providers = prefixes.map((prefix) =>
      ConfigProvider.make((path) => {
        const value = read(prefix + path.join("_"));
        return Effect.succeed(value === undefined ? undefined : ConfigProvider.makeValue(value));
      })
    );
    const provider = providers.reduceRight((rest, first) => ConfigProvider.orElse(first, rest));
    return () => Effect.runSync(config.parse(provider));
  };
};

/** Validates two variables, each read under the first prefix that has it: there are no layers in t3-env itself. */
export const t3Env: LayersPeer = async (load) => {
  interface T3 {
    createEnv(options: { server: object; runtimeEnv: object }): unknown;
  }
  interface Valibot {
    pipe(...parts: readonly unknown[]): unknown;
    string(): unknown;
    nonEmpty(): unknown;
  }
  const { createEnv } = await load<T3>("@t3-oss/env-core");
  const { pipe, string, nonEmpty } = await load<Valibot>("valibot");
  return (prefixes, read) => {
    const server = { client_id: pipe(string(), nonEmpty()), client_secret: pipe(string(), nonEmpty()) };
    const first = (name: string) => {
      for (const prefix of prefixes) {
        const value = read(prefix + name);
        if (value !== undefined) return value;
      }
    };
    return () => {
      const runtimeEnv = { client_id: first("CLIENT_ID"), client_secret: first("CLIENT_SECRET") };
      return createEnv({ server, runtimeEnv });
    };
  };
};

/** A configuration with a section for each prefix, of which the first that is complete is taken. */
export const convictEnv: LayersPeer = async (load) => {
  interface Config {
    get(name: string): string;
  }
  const { default: convict } = await load<{ default(schema: object): Config }>("convict");
  return (prefixes) => {
    const text = (env: string) => ({ format: String, default: "", env });
    const schema = Object.fromEntries(prefixes.map((prefix, at) => [`at${at}`, {
      client_id: text(`${prefix}CLIENT_ID`),
      client_secret: text(`${prefix}CLIENT_SECRET`),
    }]));
    return () => {
      const config = convict(schema);
      for (let at = 0; at < prefixes.length; at++) {
        const values = {
          client_id: config.get(`at${at}.client_id`),
          client_secret: config.get(`at${at}.client_secret`),
        };
        if (values.client_id && values.client_secret) return values;
      }
    };
  };
};

import { basename, dirname } from "node:path";
import { freePorts } from "../servers/free_ports.ts";
import { configOfTwo, startWorkerd } from "../servers/workerd.ts";

/** How the Workers of a guide are started. */
export interface GuideWorkersOptions {
  /** The path of the bundle, which both Workers have. */
  readonly bundle: string;
  /** The path of workerd. */
  readonly workerd: string;
  readonly compatibilityDate: string;
  /** The bindings that are texts. */
  readonly texts: Readonly<Record<string, string>>;
  /** The bindings of Secrets Store, with a stand-in for it. */
  readonly secret: Readonly<Record<string, string>>;
  /** Whether the namespace of Durable Objects is not bound. */
  readonly unbound?: boolean;
}

/** Two Workers with one namespace of Durable Objects. */
export interface GuideWorkers extends AsyncDisposable {
  readonly urls: readonly string[];
  /** What workerd wrote to its standard error. */
  readonly output: string;
}

/** Starts workerd with them, on free ports. */
export async function startGuideWorkers(options: GuideWorkersOptions): Promise<GuideWorkers> {
  const ports = freePorts(2);
  const path = `${dirname(options.bundle)}/workers_${ports[0]}.capnp`;
  await Deno.writeTextFile(path, config(options, ports));
  const daemon = await startWorkerd(options.workerd, path, ports);
  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    get output() {
      return daemon.output;
    },
    [Symbol.asyncDispose]: () => daemon.stop(),
  };
}

function config(options: GuideWorkersOptions, ports: readonly number[]): string {
  const { bundle, compatibilityDate, texts, secret, unbound = false } = options;
  const tokens = '(name = "TOKENS", durableObjectNamespace = (className = "TokenRegister", serviceName = "one"))';
  const bindings = [
    ...(unbound ? [] : [tokens]),
    ...Object.entries(texts).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`),
    ...Object.keys(secret).map((name) => `(name = "${name}", service = (name = "secrets", entrypoint = "${name}"))`),
  ];
  const secrets = `(name = "secrets", worker = (
      modules = [(name = "secrets.mjs", esModule = ${JSON.stringify(secretsStore(secret))})],
      compatibilityDate = "${compatibilityDate}",
    ))`;
  const objects = `durableObjectNamespaces = [(className = "TokenRegister", uniqueKey = "tokens", enableSql = true)],
      durableObjectStorage = (inMemory = void),`;
  return configOfTwo({ module: basename(bundle), compatibilityDate, bindings, objects }, [secrets], ports);
}

/** A Secrets Store as its bindings see it: remote calls to another Worker. */
function secretsStore(secret: Readonly<Record<string, string>>): string {
  const classes = Object.entries(secret).map(([name, value]) =>
    `export class ${name} extends WorkerEntrypoint { get() { return ${JSON.stringify(value)}; } }`
  );
  return ['import { WorkerEntrypoint } from "cloudflare:workers";', ...classes, "export default {};"].join("\n");
}

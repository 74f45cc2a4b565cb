import { type OidcProvider, type OidcResource, startOidcProvider } from "../servers/oidc_provider.ts";
import { type ServiceProcess, startService } from "../servers/service_process.ts";
import { until } from "../fixtures/until.ts";
import type { SceneEngine } from "./engine.ts";
import type { Answers, Asking, Breaking, MachineState } from "./machine.ts";
import type { MachineSettings } from "./machine_chain.ts";
import { together } from "./together.ts";

/** How many machines there are, each a process of its own. */
export const MACHINES = 8;
/** How many callers each of them has at once. */
export const CALLERS = 1_000;

const POLARIS = "urn:alphaswarm:polaris";
const HOUR_S = 3_600;

/** What a machine is opened with, apart from the addresses of its servers. */
export type MachineOptions = Partial<Pick<MachineSettings, "ahead" | "resource" | "engine">>;

/** Eight machines, a real OAuth server that counts, and the engine that they share. */
export class Fleet implements AsyncDisposable {
  readonly oidc: OidcProvider;
  /** The engine; absent if nothing is shared. */
  readonly engine: SceneEngine | undefined;
  readonly machines: readonly number[] = Array.from({ length: MACHINES }, (_, index) => index);
  readonly #processes: (ServiceProcess<unknown> | undefined)[] = [];
  readonly #directory: string;
  #marked = 0;

  private constructor(oidc: OidcProvider, engine: SceneEngine | undefined, directory: string) {
    this.oidc = oidc;
    this.engine = engine;
    this.#directory = directory;
  }

  /** Starts the OAuth server and the machines. The engine is stopped with them. */
  static async start(engine?: SceneEngine): Promise<Fleet> {
    const [oidc, directory] = await Promise.all([startOidcProvider(), Deno.makeTempDir({ prefix: "fleet-" })]);
    const fleet = new Fleet(oidc, engine, await Deno.realPath(directory));
    for (const machine of fleet.machines) await Deno.mkdir(fleet.#directoryOf(machine));
    return fleet;
  }

  /** Makes everything as it was at first, with an empty engine and machines that hold nothing. */
  async begin(): Promise<void> {
    const { engine, oidc } = this;
    for (const machine of this.machines) if (this.#processes[machine]) this.signal(machine, "SIGCONT");
    await Promise.all([
      oidc.failNext(0, { status: 503 }),
      oidc.release(),
      oidc.setLifetime(POLARIS, HOUR_S),
      engine?.reset(),
    ]);
    const { clientId, clientSecret } = oidc.clients.basic;
    await oidc.rotateSecret(clientId, clientSecret);
    await this.write({
      client_id: clientId,
      client_secret: clientSecret,
      key: randomKey(),
      password: engine?.password ?? "not-used",
    });
    await this.open();
    await this.mark();
  }

  /** Writes the mounted secrets of machines: those that are given, of all machines unless set. */
  async write(secrets: Readonly<Record<string, string>>, machines = this.machines): Promise<void> {
    for (const machine of machines) {
      for (const [name, value] of Object.entries(secrets)) {
        const path = `${this.#directoryOf(machine)}/${name}`;
        await Deno.writeTextFile(`${path}.new`, value);
        await Deno.rename(`${path}.new`, path);
      }
    }
  }

  /** Makes machines hold nothing, as if their processes had just started; those that were killed do start. */
  async open(options: (machine: number) => MachineOptions = () => ({}), machines = this.machines): Promise<void> {
    await Promise.all(machines.map(async (machine) => {
      const script = new URL("./machine_server.ts", import.meta.url);
      const process = this.#processes[machine] ??= await startService(script, {});
      const settings: MachineSettings = {
        tokenEndpoint: this.oidc.tokenEndpoint,
        directory: this.#directoryOf(machine),
        engine: this.engine?.settings,
        ...options(machine),
      };
      await process.call("open", settings);
    }));
  }

  /** Has every caller of machines resolve at once. */
  async resolve(asking: Partial<Asking> = {}, machines = this.machines): Promise<Answers> {
    return together(await this.resolveEach(asking, machines));
  }

  /** Does the same, and returns what each machine got. */
  resolveEach(asking: Partial<Asking> = {}, machines = this.machines): Promise<readonly Answers[]> {
    return Promise.all(
      machines.map((machine) => this.#call(machine, "resolve", { callers: CALLERS, ...asking }) as Promise<Answers>),
    );
  }

  /** Has one machine report every token as refused. */
  refuse(machine: number, breaking: Breaking): Promise<Answers> {
    return this.#call(machine, "refuse", breaking) as Promise<Answers>;
  }

  /** Asks machines about themselves. */
  states(machines = this.machines): Promise<readonly MachineState[]> {
    return Promise.all(machines.map((machine) => this.#call(machine, "state") as Promise<MachineState>));
  }

  /** Waits until some machines have begun requests at the token endpoint, and returns which. */
  async asking(count: number): Promise<readonly number[]> {
    return await until(`${count} machines to ask`, async () => {
      const states = await this.states();
      const asking = this.machines.filter((machine) => states[machine]!.asked > 0);
      return asking.length >= count && await this.requests() >= count ? asking : undefined;
    });
  }

  /** Sends a signal to the process of a machine. */
  signal(machine: number, signal: Deno.Signal): void {
    Deno.kill(this.#processes[machine]!.pid, signal);
  }

  /** Kills the process of a machine. */
  async kill(machine: number): Promise<void> {
    const process = this.#processes[machine]!;
    this.signal(machine, "SIGKILL");
    this.#processes[machine] = undefined;
    await process.stop();
  }

  /** Counts requests from now on. */
  async mark(): Promise<void> {
    this.#marked = await this.oidc.tokenRequests();
  }

  /** Returns how many requests have arrived at the token endpoint since `mark`. */
  async requests(): Promise<number> {
    return await this.oidc.tokenRequests() - this.#marked;
  }

  /** Sets the lifetime of new tokens, in seconds. */
  setLifetime(seconds: number, resource: OidcResource = POLARIS): Promise<void> {
    return this.oidc.setLifetime(resource, seconds);
  }

  /** Returns the most memory that the process of any machine had, in MB. */
  async peakMemory(): Promise<number> {
    const sizes = await Promise.all(this.#processes.map(async (process) => {
      const status = process ? await Deno.readTextFile(`/proc/${process.pid}/status`) : "";
      return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
    }));
    return Math.round(Math.max(...sizes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.machines) if (this.#processes[machine]) this.signal(machine, "SIGCONT");
    await this.engine?.[Symbol.asyncDispose]();
    await Promise.all([...this.#processes.map((process) => process?.stop()), this.oidc.stop()]);
    await Deno.remove(this.#directory, { recursive: true });
  }

  #directoryOf(machine: number): string {
    return `${this.#directory}/${machine}`;
  }

  async #call(machine: number, method: string, argument?: unknown): Promise<unknown> {
    return await this.#processes[machine]!.call(method, argument);
  }
}

/** Creates a seal's key. */
export function randomKey(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64();
}

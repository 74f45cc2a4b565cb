import { Page } from "../pages/page.ts";

/** A probe of a container, as a manifest has it. */
export interface Probe {
  readonly path: string;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly failureThreshold: number;
  readonly successThreshold: number;
}

/** Reads a probe in the manifest of the route's page; what it leaves out is as Kubernetes has it. */
export function documentedProbe(name: "readinessProbe" | "livenessProbe"): Probe {
  const manifest = new Page("src/route/README.md").first("yaml");
  const [, indent = "", block = ""] = new RegExp(`^( *)${name}:\\n((?:\\1 +.*\\n)+)`, "m").exec(manifest) ?? [];
  const path = /path: (\S+?),? /.exec(block)?.[1];
  if (path === undefined) throw new Error(`Cannot find the path of the ${name} of the page${indent}`);
  const number = (member: string, unless: number) => Number(new RegExp(`${member}: (\\d+)`).exec(block)?.[1] ?? unless);
  return {
    path,
    periodMs: number("periodSeconds", 10) * 1_000,
    timeoutMs: number("timeoutSeconds", 1) * 1_000,
    failureThreshold: number("failureThreshold", 3),
    successThreshold: number("successThreshold", 1),
  };
}

/**
 * What a kubelet makes of the results of a readiness probe, by its `prober/worker.go`: a container is not ready at first, and
 * what it is changes after as many results in a row as the threshold says.
 */
export class Readiness {
  readonly #probe: Probe;
  #isReady = false;
  #last: boolean | undefined;
  #inRow = 0;

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Notes the status of an answer, or that there was none in time. */
  note(status: number | undefined): void {
    const succeeded = status !== undefined && status >= 200 && status < 400;
    this.#inRow = succeeded === this.#last ? this.#inRow + 1 : 1;
    this.#last = succeeded;
    const { successThreshold, failureThreshold } = this.#probe;
    if (this.#inRow >= (succeeded ? successThreshold : failureThreshold)) this.#isReady = succeeded;
  }
}

import { callSafely } from "../chain/eventually.ts";
import type { Ambient, Clock, Host } from "../chain/host.ts";
import { MAX_TIMER_MS } from "../chain/limits.ts";
import { onWorkerd } from "./globals.ts";
import { processVariable, readVariable } from "./variables.ts";

/** Fills what a host leaves out with the runtime's own. */
export function ambient(host: Host = {}): Ambient {
  const { env = processVariable, log } = host;
  return {
    variable: (name) => readVariable(env, name),
    files: host.files,
    asyncFiles: host.asyncFiles,
    fetch: host.fetch ?? ((input, init) => fetch(input, init)),
    clock: host.clock ?? systemClock,
    random: host.random ?? Math.random,
    log: log && ((event) => callSafely(() => log(event))),
    requestBound: host.requestBound ?? onWorkerd(),
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

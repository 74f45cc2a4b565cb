import { callSafely } from "../chain/eventually.ts";
import type { Ambient, Clock, Host } from "../chain/host.ts";
import { MAX_TIMER_MS } from "../chain/limits.ts";
import { onWorkerd, unref } from "./globals.ts";
import { processVariable, readVariable } from "./variables.ts";

/** Fills what a host leaves out with the runtime's own. */
export function ambient(host: Host = {}): Ambient {
  const { env = processVariable } = host;
  return {
    variable: (name) => readVariable(env, name),
    files: host.files,
    asyncFiles: host.asyncFiles,
    programs: host.programs,
    fetch: host.fetch ?? ((input, init) => fetch(input, init)),
    clock: host.clock ?? systemClock,
    // Hint: called as methods, since a host may be an instance of a class; a runtime's own `fetch` must not be.
    random: host.random ? () => host.random!() : Math.random,
    log: host.log && ((event) => callSafely(() => host.log!(event))),
    requestBound: host.requestBound ?? onWorkerd(),
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run, background) => {
    const timer = setTimeout(run, Math.min(ms, MAX_TIMER_MS));
    if (background) unref(timer);
    return () => clearTimeout(timer);
  },
};

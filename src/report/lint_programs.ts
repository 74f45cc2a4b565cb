import { isAbsolute } from "../core/source/file_path.ts";
import { recheckOf, type StorePlan } from "../core/source/source.ts";
import type { Finding } from "./finding.ts";
import { permissionsOf } from "./store_options.ts";

/** The shortest time between two runs of a program that is not reported, in milliseconds. */
const LEAST_RECHECK_MS = 60_000;

/** Finds the stores that run a program by a relative path, or every few seconds. */
export function lintPrograms(stores: readonly StorePlan[]): readonly Finding[] {
  return stores.flatMap((store) => {
    const reads = store.readers.flatMap((reader) => reader.reads);
    const { run = [] } = permissionsOf(store, reads, ({ fallback }) => fallback);
    return run.length > 0 ? [...relative(store, run), ...frequent(store)] : [];
  });
}

/** Reports programs with a relative path, which differ with the working directory. */
function relative({ name }: StorePlan, run: readonly string[]): readonly Finding[] {
  return run.filter((program) => /[\\/]/.test(program) && !isAbsolute(program)).map((program) => ({
    rule: "relative_program",
    path: `stores.${name}`,
    message: `"${program}" depends on the directory in which the process is started: give its absolute path`,
  }));
}

function frequent(store: StorePlan): readonly Finding[] {
  const recheck = recheckOf(store, undefined, store.shape.issued ? Infinity : undefined);
  if (recheck >= LEAST_RECHECK_MS) return [];
  return [{
    rule: "frequent_program",
    path: `stores.${store.name}.recheck`,
    message: `Runs its program again after ${recheck} ms, when the credential is asked for: set it to ` +
      `${LEAST_RECHECK_MS} or more, or to Infinity`,
  }];
}

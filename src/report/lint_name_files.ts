import type { Access } from "../core/engine/access.ts";
import { mayReadVariable } from "../core/runtime/globals.ts";
import { isAbsolute } from "../core/source/file_path.ts";
import type { StorePlan } from "../core/source/source.ts";
import { isSet } from "../core/source/mapping.ts";
import type { Finding } from "./finding.ts";

/** Finds the variables that name a file with a value, as in many Docker images, although the store does not read it. */
export function lintNameFiles({ plan, ambient, open }: Access): readonly Finding[] {
  const isIgnored = (name: string, reads: readonly string[]) => {
    const named = `${name}_FILE`;
    if (reads.includes(named) || !mayReadVariable(named) || isSet(name, ambient.variable)) return false;
    const path = ambient.variable(named);
    return typeof path === "string" && isAbsolute(path.trim());
  };
  return [...plan.credentials.values()].flatMap(({ key, sources }) =>
    sources.filter(({ store }) => ignoresFiles(store) && open(store.name).state === "on").flatMap((source) => {
      const reads = [...new Set(source.reader.reads)];
      return reads.filter((name) => isIgnored(name, reads)).map((name): Finding => ({
        rule: "ignored_file",
        path: `credentials["${key}"].from.${source.store.name}`,
        message: `${name}_FILE is set, and "${source.store.name}" does not read it: set files: true, or set ${name}`,
        key,
      }));
    })
  );
}

function ignoresFiles({ spec, options }: StorePlan): boolean {
  return spec.kind === "env" && !options.files;
}

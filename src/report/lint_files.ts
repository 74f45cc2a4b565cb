import { isThenable } from "../eventually.ts";
import type { Files, PathInfo } from "../host.ts";
import type { Insides } from "../insides.ts";
import { isRefusal } from "../outcome.ts";
import type { Source } from "../plan.ts";
import { documentOf } from "../shapes/document.ts";
import { escapes } from "../stores/reading.ts";
import type { Finding } from "./lint.ts";
import { currentText, permissionsOf } from "./store_options.ts";

/** What a file with secrets may be unless its store says otherwise: its owner's, to read and to write. */
const STRICT = 0o600;
const OTHERS = 0o077;

/** The files of a chain's stores that others than their owners may read or write. */
export function lintFiles({ chain, plan, ambient, stores }: Insides): readonly Finding[] {
  const { files } = ambient;
  if (!files) return [];
  const seen = new Set<string>();
  return [...plan.credentials.values()].flatMap(({ key, sources }) =>
    sources.filter(({ store }) => stores.get(store.name)!.open.state === "on").flatMap((source) => {
      const { read = [] } = permissionsOf(source.store, source.reader.reads, currentText(ambient));
      const place = `credentials["${key}"].from.${source.store.name}`;
      return read.map((path) => fileOf(path, source, chain.credentials[key]!.from[source.store.name]))
        .filter(({ path, name }) => !escapes(name) && !seen.has(path) && seen.add(path))
        .filter(({ path }) => (modeOf(files, path) & OTHERS & ~modeFor(source)) !== 0)
        .map(({ name }): Finding => ({
          rule: "loose_mode",
          path: place,
          message: `Others than its owner may read or write ${name}: make its mode ${modeFor(source).toString(8)}`,
          key,
        }));
    })
  );
}

function fileOf(path: string, { store }: Source, mapping: unknown): { readonly path: string; readonly name: string } {
  if (store.shape.name !== "document") return { path, name: "its file" };
  const name = documentOf(mapping);
  return { path: `${path}/${name}`, name };
}

function modeFor({ store: { options } }: Source): number {
  return typeof options.mode === "number" ? options.mode : STRICT;
}

/** The permission bits of the regular file that a path leads to; none for anything else. */
function modeOf(files: Files, path: string): number {
  const real = files.realPath(path);
  if (typeof real !== "string") return 0;
  const info = files.info(real);
  return isInfo(info) && info.type === "file" ? info.mode ?? 0 : 0;
}

function isInfo(info: ReturnType<Files["info"]>): info is PathInfo {
  return info !== undefined && !isThenable(info) && !isRefusal(info);
}

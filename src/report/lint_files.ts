import { isThenable } from "../core/chain/eventually.ts";
import type { Files, PathInfo } from "../core/chain/host.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import type { Access } from "../core/engine/access.ts";
import { runtimeFiles } from "../core/runtime/files.ts";
import { onWindows } from "../core/runtime/globals.ts";
import { escapes } from "../core/source/file_path.ts";
import type { Source } from "../core/source/source.ts";
import type { Finding } from "./finding.ts";
import { currentText, permissionsOf } from "./store_options.ts";

/** The mode of a file with secrets, unless its store sets another. */
const OWNER_ONLY = 0o600;
/** The permission bits of everybody but the owner. */
const OTHERS = 0o077;

/** Finds the files of a chain's stores that users other than their owners may read or write. */
export function lintFiles({ plan, ambient, open }: Access): readonly Finding[] {
  const { files } = runtimeFiles(ambient);
  if (!files) return [];
  const seen = new Set<string>();
  return [...plan.credentials.values()].flatMap(({ key, sources }) =>
    sources.filter(({ store }) => open(store.name).state === "on").flatMap((source) => {
      const { read = [] } = permissionsOf(source.store, source.reader.reads, currentText(ambient));
      const place = `credentials["${key}"].from.${source.store.name}`;
      return read.map((path) => fileOf(path, source))
        .filter(({ path, name }) => !escapes(name, onWindows()) && !seen.has(path) && seen.add(path))
        .filter(({ path }) => (modeOf(files, path) & OTHERS & ~modeFor(source)) !== 0)
        .map(({ name }): Finding => ({
          rule: "loose_mode",
          path: place,
          message: `Users other than the owner can access ${name}: change its mode to ${modeFor(source).toString(8)}`,
          key,
        }));
    })
  );
}

function fileOf(path: string, { reader }: Source): { readonly path: string; readonly name: string } {
  if (!reader.document) return { path, name: "its file" };
  const { name } = reader.document;
  return { path: `${path}/${name}`, name };
}

function modeFor({ store: { options } }: Source): number {
  return typeof options.mode === "number" ? options.mode : OWNER_ONLY;
}

/** Returns the permission bits of the regular file that a path leads to; 0 for anything else. */
function modeOf(files: Files, path: string): number {
  const real = files.realPath(path);
  if (typeof real !== "string") return 0;
  const info = files.info(real);
  return isInfo(info) && info.type === "file" ? info.mode ?? 0 : 0;
}

function isInfo(info: ReturnType<Files["info"]>): info is PathInfo {
  return info !== undefined && !isThenable(info) && !isRefusal(info);
}

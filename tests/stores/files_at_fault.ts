import { denied, type Files, type Host, unavailable } from "../../mod.ts";
import { ambient } from "../../src/host.ts";

/** How a directory of files is put out of order without a user or a device of its own. */
export type FileFault = "deny" | "disconnect" | undefined;

/** The runtime's own files, until a fault is set. */
export function filesAtFault(fault: () => FileFault): Host {
  const own = ambient().files!;
  const guarded = (read: Files["text"]): Files["text"] => (path) => {
    const now = fault();
    return now === "deny"
      ? denied("no permission to read")
      : now
      ? unavailable("the file system did not answer")
      : read(path);
  };
  return { files: { info: own.info, realPath: own.realPath, text: guarded(own.text) } };
}

import { makeDirectory } from "../fixtures/directory.ts";

/** A volume of a pod, whose files are replaced as the kubelet replaces them. */
export interface Volume extends Disposable {
  readonly path: string;
  /** Replaces all files: writes a new directory, and renames a link over `..data`. */
  write(files: Readonly<Record<string, string>>): void;
}

/** Creates a volume with files. */
export function mountVolume(files: Readonly<Record<string, string>>): Volume {
  const { path, remove } = makeDirectory();
  let version = 0;
  const write: Volume["write"] = (files) => {
    const name = `..v${++version}`;
    Deno.mkdirSync(`${path}/${name}`);
    for (const [file, text] of Object.entries(files)) {
      Deno.writeTextFileSync(`${path}/${name}/${file}`, text);
      link(`..data/${file}`, `${path}/${file}`);
    }
    Deno.symlinkSync(name, `${path}/..data_tmp`);
    Deno.renameSync(`${path}/..data_tmp`, `${path}/..data`);
    if (version > 1) Deno.removeSync(`${path}/..v${version - 1}`, { recursive: true });
  };
  write(files);
  return { path, write, [Symbol.dispose]: remove };
}

/** Creates a link unless it is there. */
function link(target: string, path: string): void {
  try {
    Deno.symlinkSync(target, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

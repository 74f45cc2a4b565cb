import { root } from "../closed_network/root.ts";

/** Imports a file of a guide, as a module of this repository, in which the package can be imported by its name. */
export async function importFile<T>(code: string): Promise<T> {
  await Deno.mkdir(`${root}.cache`, { recursive: true });
  const directory = await Deno.makeTempDir({ dir: `${root}.cache`, prefix: "guide_" });
  try {
    await Deno.writeTextFile(`${directory}/file.ts`, code);
    return await import(`file://${directory}/file.ts`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A directory of a test's own, under a path that leads over no link. */
export interface Directory {
  readonly path: string;
  /** Removes what is in it. */
  empty(): void;
  /** Removes it. */
  remove(): void;
}

/** Makes one. */
export function makeDirectory(): Directory {
  const path = Deno.realPathSync(Deno.makeTempDirSync());
  return {
    path,
    empty: () => {
      for (const { name } of Deno.readDirSync(path)) Deno.removeSync(`${path}/${name}`, { recursive: true });
    },
    remove: () => Deno.removeSync(path, { recursive: true }),
  };
}

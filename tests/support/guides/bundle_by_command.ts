import * as esbuild from "npm:esbuild@^0.28.2";

/**
 * Bundles a program by a command of esbuild, `npx esbuild FILE --NAME=VALUE --NAME`, as its API has these options.
 *
 * @param directory The directory in which the command is run.
 * @param command The command.
 * @returns The path of the bundle.
 */
export async function bundleByCommand(directory: string, command: string): Promise<string> {
  const [, entry, rest] = /^npx esbuild (\S+) (.*)$/m.exec(command) ?? [];
  if (!entry) throw new Error(`Expected a command of esbuild: ${command}`);
  const options = Object.fromEntries(
    [...rest!.matchAll(/--(\w+)(?:=(\S+))?/g)].map(([, name, value]) => [name, value ?? true]),
  );
  const outfile = `${directory}/${options.outfile}`;
  try {
    await esbuild.build({ ...options, outfile, entryPoints: [`${directory}/${entry}`], absWorkingDir: directory });
    return outfile;
  } finally {
    await esbuild.stop();
  }
}

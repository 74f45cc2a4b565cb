import * as esbuild from "npm:esbuild@^0.28.2";
import { rootUrl } from "../closed_network/root.ts";
import { asInstalled } from "../pages/page.ts";

/** What the package's factories are to a documented example: the options, which a test connects by. */
const FACTORIES = "const [redis, postgres] = [(options) => options, (options) => options];\n";

/**
 * Returns a module that exports the options of a documented engine as `share`.
 *
 * @param engine The engine, and its file in `src/share`.
 * @param title The title of the example.
 * @throws {Error} If there is no such example.
 */
export async function documentedModule(engine: string, title: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(`src/share/engines/${engine}.ts`, rootUrl));
  const start = text.indexOf(` * @example ${title}\n`);
  const [, example] = /```ts[^\n]*\n([\s\S]*?) \* ```/.exec(text.slice(start)) ?? [];
  if (start < 0 || !example) throw new Error(`Cannot find the example "${title}" of ${engine}`);
  const code = asInstalled(example.replace(/^ \* ?/gm, ""))
    .replace(/^import .* from "@alphaswarm\/credentials\/share";\n/m, "");
  const { code: module } = await esbuild.transform(code, { loader: "ts" });
  await esbuild.stop();
  return `${FACTORIES}${module}\nexport { share };\n`;
}

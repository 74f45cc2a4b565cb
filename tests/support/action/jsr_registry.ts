import { root, rootUrl } from "../closed_network/root.ts";
import { filesBelow } from "../repository_files.ts";
import { readManifest } from "../packaging/manifest.ts";

/** A registry of JSR in files, a stand-in that has this package as it would be published. */
export interface JsrRegistry extends Disposable {
  /** The value of `JSR_URL`. */
  readonly url: string;
}

/** Makes one, with the stand-in for `@std/dotenv`. */
export function makeRegistry(): JsrRegistry {
  const { name, version, exports, imports } = readManifest();
  const directory = Deno.makeTempDirSync({ prefix: "registry_" });
  Deno.symlinkSync(new URL("tests/support/closed_network/jsr/@std", rootUrl), `${directory}/@std`);
  const write = (path: string, text: string) => {
    Deno.mkdirSync(`${directory}/${name}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${directory}/${name}/${path}`, text);
  };
  write("meta.json", JSON.stringify({ versions: { [version]: {} } }));
  write(`${version}_meta.json`, JSON.stringify({ exports, manifest: {} }));
  for (const path of ["mod.ts", ...filesBelow("src/").filter((path) => /\.tsx?$/.test(path))]) {
    write(`${version}/${path}`, withSpecifiers(Deno.readTextFileSync(root + path), imports));
  }
  return { url: `file://${directory}/`, [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }) };
}

// Hint: publishing writes the specifiers of the import map into the modules.
function withSpecifiers(text: string, imports: Readonly<Record<string, string>>): string {
  return Object.entries(imports).reduce(
    (code, [name, specifier]) =>
      code.replaceAll(
        new RegExp(`(from |import\\()"${name}(/[^"]*)?"`, "g"),
        (_, before: string, path = "") => `${before}"${specifier}${path}"`,
      ),
    text,
  );
}

import { rootUrl } from "../closed_network/root.ts";

/** The part of the repository's manifest that is used. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
}

/** Reads the repository's manifest. */
export function readManifest(): Manifest {
  return JSON.parse(Deno.readTextFileSync(new URL("deno.json", rootUrl)));
}

/** Returns the name of the package that something is imported from. */
export function packageOf(specifier: string): string {
  return /^(?:@[^/]*\/)?[^/]*/.exec(specifier)![0];
}

import { root } from "../closed_network/root.ts";

const REPOSITORY = "https://github.com/alphaswarm/credentials/";
const RAW = "https://raw.githubusercontent.com/alphaswarm/credentials/";

/** A link of a page. */
export interface Link {
  /** The page, from the root of the repository. */
  readonly page: string;
  /** What the page has. */
  readonly target: string;
}

/** Returns the links of a page that are not in its code. */
export function linksOf(page: string, text = Deno.readTextFileSync(root + page)): readonly Link[] {
  const prose = withoutFences(text).replaceAll(/(`+)(?!`)[^]*?[^`]\1(?!`)/g, "");
  const found = prose.matchAll(/\]\(<?([^()\s<>]+)>?\)|^\[[^\]]+\]: *(\S+)|(?:href|src)="([^"]+)"/gm);
  return [...found].map(([, inline, defined, html]) => ({ page, target: (inline ?? defined ?? html)! }));
}

/** Returns the anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutFences(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const shown = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = shown.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc}\- ]/gu, "").replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/**
 * Says what is wrong with a link to something of this repository.
 *
 * @param link The link.
 * @param files The files of the repository.
 * @returns What does not exist; nothing if it does, or if the link leads elsewhere.
 */
export function brokenPart({ page, target }: Link, files: ReadonlySet<string>): string | undefined {
  const [address = "", anchor] = target.split("#");
  const path = pathOf(page, address);
  if (path === undefined) return undefined;
  const isThere = files.has(path) || [...files].some((file) => path === "" || file.startsWith(`${path}/`));
  if (!isThere) return `${page}: no file for ${target}`;
  if (anchor === undefined || !path.endsWith(".md")) return undefined;
  return anchorsOf(Deno.readTextFileSync(root + path)).has(anchor) ? undefined : `${page}: no heading for ${target}`;
}

/** Returns the path that an address leads to; nothing where it is not one of this repository's files. */
function pathOf(page: string, address: string): string | undefined {
  const absolute = /^(?:blob|tree|raw)\/[^/]+\/(.*)$/.exec(after(REPOSITORY, address))?.[1] ??
    /^[^/]+\/(.*)$/.exec(after(RAW, address))?.[1];
  if (absolute !== undefined) return decodeURIComponent(absolute).replace(/\/$/, "");
  if (/^[a-z][a-z+.-]*:/i.test(address)) return undefined;
  if (address === "") return page;
  const { pathname } = new URL(address, `file:///${page}`);
  return decodeURIComponent(pathname).slice(1).replace(/\/$/, "");
}

function after(prefix: string, text: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : "";
}

function withoutFences(text: string): string {
  return text.replaceAll(/^( *)(`{3,}|~{3,})[^\n]*\n[^]*?^\1\2 *$/gm, "").replaceAll(/<!--[^]*?-->/g, "");
}

import { describeRoute } from "../../../src/route/mod.ts";
import type { Resolver } from "../../../mod.ts";

/** Requests the page of a resolver's route. */
export async function pageOf(resolver: Resolver<never>, path = "/"): Promise<string> {
  const route = describeRoute(resolver, { auth: "none", allowUnauthenticated: true });
  return await (await route.request(path, { headers: { Accept: "text/html" } })).text();
}

/** Returns what a reader sees of HTML, in one line; a name that may be broken over lines is whole. */
export function textOf(html: string): string {
  return html.replaceAll(/<style>[^]*<\/style>|<script>[^]*<\/script>/g, "").replaceAll("<wbr>", "")
    .replaceAll(/<\/?(?:code|b|a)\b[^>]*>/g, "").replaceAll(/<[^>]+>|\s+/g, " ").replaceAll(/ +/g, " ")
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"').replaceAll("&amp;", "&").trim();
}

/** Returns the HTML of each of a page's credentials, by key. */
export function cardsOf(html: string): ReadonlyMap<string, string> {
  const cards = html.match(/<article[^]*?<\/article>/g) ?? [];
  return new Map(cards.map((card) => [textOf(/<h3[^]*?<\/h3>/.exec(card)![0]), card]));
}

/** Returns the text of each row of a page's table: its status, its credentials, its source and its detail. */
export function rowsOf(html: string): readonly (readonly string[])[] {
  const body = /<tbody[^]*<\/tbody>/.exec(html)?.[0] ?? "";
  return (body.match(/<tr[^]*?<\/tr>/g) ?? []).map((row) => (row.match(/<t[dh][^]*?<\/t[dh]>/g) ?? []).map(textOf));
}

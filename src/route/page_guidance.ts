import { html } from "hono/html";
import type { Line } from "../report/guidance/error_lines.ts";
import type { Way } from "../report/guidance/ways.ts";
import { elementId, listedNames, type Markup, sentence } from "./markup.ts";

/** Renders the lines about an error: which store failed and why, and how to fix it. */
export function linesList(lines: readonly Line[]): Markup {
  const items = lines.map(([label, text]) =>
    html`
      <div>
        <dt>${label}</dt>
        <dd>${text.split("\n").map((line) => html`<p>${sentence(line)}</p>`)}</dd>
      </div>
    `
  );
  return html`<dl class="lines">${items}</dl>`;
}

/** Renders the ways to supply a credential, any one of which is enough. */
export function waysList(ways: readonly Way[]): Markup {
  const items = ways.map(({ store, names }, at) => {
    const what = names === undefined
      ? html`<a href="#${elementId("store", store)}">switch it on</a>`
      : listedNames(names);
    return html`<li><span>${at > 0 ? "or " : ""}<b>${store}</b></span> <span>${what}</span></li>`;
  });
  return html`<ul role="list" class="ways">${items}</ul>`;
}

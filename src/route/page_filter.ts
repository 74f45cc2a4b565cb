import { html } from "hono/html";
import { countsOf, type RatedCredential } from "../report/guidance/counts.ts";
import type { StatusWord } from "../report/guidance/credential_status.ts";
import type { StoreDescription } from "../core/engine/describe.ts";
import { type Filter, hasAll, MAX_TEXT_LENGTH, toggled } from "./filter.ts";
import type { Markup } from "./markup.ts";

/** Renders how many credentials of each status the chain has; each number is a link that adds its status to the filter. */
export function countSentence(rated: readonly RatedCredential[], filter: Filter): Markup {
  const { available, others } = countsOf(rated);
  const hasAny = rated.some(({ status: { word } }) => word === "ok" || word === "degraded");
  const links = others.map(({ word, text }, at) => html`${at > 0 ? ", " : ": "}${countLink(text, [word], filter)}`);
  return html`<p id="count">${hasAny ? countLink(available, ["ok", "degraded"], filter) : available}${links}</p>`;
}

function countLink(text: string, words: readonly StatusWord[], filter: Filter): Markup {
  return html`<a href="${toggled(filter, words)}" aria-current="${String(hasAll(filter, words))}">${text}</a>`;
}

/** Renders the form that sets the filter, which needs no script. */
export function filterForm(stores: readonly StoreDescription[], { statuses, store, text }: Filter): Markup {
  const options = stores.map(({ name }) =>
    name === store
      ? html`<option value="${name}" selected>${name}</option>`
      : html`<option value="${name}">${name}</option>`
  );
  return html`
    <form method="get" role="search">
      ${statuses.map((word) => html`<input type="hidden" name="status" value="${word}">`)}
      <label>Key or name <input type="search" name="q" value="${text}" maxlength="${MAX_TEXT_LENGTH}"></label>
      <label>Store <select name="store"><option value="">any</option>${options}</select></label>
      <button>Filter</button>
    </form>
  `;
}

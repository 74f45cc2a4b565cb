import { html } from "hono/html";
import type { CredentialDescription } from "../core/engine/describe.ts";
import { STATUSES, statusOf } from "../report/guidance/credential_status.ts";
import { causeOf, neededFor } from "../report/needs.ts";
import { badge, type Markup, name, sentence } from "./markup.ts";
import type { View } from "./view.ts";

/**
 * Renders what the stores of a credential need, as a tree with the status of each need; nothing if they need nothing.
 */
export function needsSection(credential: CredentialDescription, view: View): Markup | "" {
  const needs = needsList(credential, view, new Set());
  return needs && html`<h4>What its stores need</h4>${needs}`;
}

/** Renders a level of the tree, without what is below credentials that were shown before. */
function needsList(credential: CredentialDescription, view: View, told: Set<string>): Markup | "" {
  const { description, hints } = view;
  const needs = neededFor(credential, description);
  if (needs.length === 0) return "";
  const items = needs.map(({ stores, credential: needed }) => {
    const label = html`${stores.join(", ")} ← <b>${name(needed.key)}</b>`;
    if (told.has(needed.key)) return html`<li>${label} as above</li>`;
    told.add(needed.key);
    const { word, source, detail } = statusOf(needed, description, hints);
    // Hint: the reason is shown at the need below that is the cause.
    const why = causeOf(needed, description) ? "" : html`<span class="quiet">${sentence(detail)}</span>`;
    return html`
      <li>
        ${label} ${badge(word, STATUSES[word].tone)} ${source ?? ""} ${why} ${needsList(needed, view, told)}
      </li>
    `;
  });
  return html`<ul role="list" class="needs">${items}</ul>`;
}

import { html } from "hono/html";
import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { neededFor } from "../report/needs.ts";
import type { Markup } from "./markup.ts";
import { sourceBadge } from "./page_summary.ts";
import { statusOf } from "./status.ts";

/** Renders what the stores of a credential need themselves as a tree, each with its status; nothing where they need nothing. */
export function needsSection(
  credential: CredentialDescription,
  now: number,
  description: ChainDescription,
): Markup | "" {
  const needs = needsList(credential, { now, description, told: new Set() });
  return needs && html`<h4>What its stores need</h4>${needs}`;
}

interface Tree {
  readonly now: number;
  readonly description: ChainDescription;
  /** The keys of the credentials that are in the tree already. */
  readonly told: Set<string>;
}

function needsList(credential: CredentialDescription, tree: Tree): Markup | "" {
  const needs = neededFor(credential, tree.description);
  if (needs.length === 0) return "";
  const items = needs.map(({ stores, credential: needed }) => {
    const name = html`${stores.join(", ")} ← <b>${needed.key}</b>`;
    if (tree.told.has(needed.key)) return html`<li>${name} as above</li>`;
    tree.told.add(needed.key);
    const { state, source, reason } = statusOf(needed, tree.now, tree.description);
    return html`
      <li>
        ${name} ${sourceBadge(source, state)} <span class="quiet">${reason}</span> ${needsList(needed, tree)}
      </li>
    `;
  });
  return html`<ul role="list" class="needs">${items}</ul>`;
}

/**
 * The page's script. It fetches the page periodically and replaces only what differs, so that focus, selection, scroll
 * position and what is unfolded stay, and shows when the server does not answer. The form is outside the part that it
 * replaces.
 *
 * Hint: the URL is built without user info, since a browser refuses to fetch a URL that has any.
 */
export const script = `"use strict";
(() => {
  const REFRESH_MS = 5000;
  const TIMEOUT_MS = 10000;
  const live = document.getElementById("live");
  const title = document.title;
  const url = location.origin + location.pathname + location.search;
  let timer;
  let lostSince;

  const currentTime = () => new Date().toISOString().slice(11, 19) + " UTC";

  const showState = (state, text) => {
    document.documentElement.dataset.live = state;
    document.title = state === "on" ? title : "(" + state + ") " + title;
    if (live.textContent !== text) live.textContent = text;
  };

  const morph = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    let next = old.firstChild;
    for (const child of fresh.childNodes) {
      if (next && next.nodeName === child.nodeName && next.id === child.id) {
        const same = next;
        next = next.nextSibling;
        morph(same, child);
      } else {
        const known = child.id && [...old.children].find(({ id }) => id === child.id);
        if (known) morph(known, child);
        old.insertBefore(known || document.importNode(child, true), next);
      }
    }
    while (next) {
      const rest = next;
      next = next.nextSibling;
      rest.remove();
    }
  };

  const show = (fresh) => {
    const { id } = document.activeElement;
    for (const details of document.querySelectorAll("details")) {
      const same = fresh.getElementById(details.id);
      if (same) same.open = details.open;
    }
    for (const part of ["count", "main"]) {
      const [old, next] = [document.getElementById(part), fresh.getElementById(part)];
      if (old && next) morph(old, next);
    }
    if (id && document.activeElement.id !== id) document.getElementById(id)?.focus({ preventScroll: true });
  };

  const load = async () => {
    const answer = await fetch(url, {
      headers: { Accept: "text/html" },
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status === 401) return "refused";
    if (!answer.ok) return "lost";
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!fresh.querySelector("main#main")) return "lost";
    show(fresh);
    return "on";
  };

  const refresh = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    const state = await load().catch(() => "lost");
    if (state === "refused") {
      return showState("refused", "The server no longer accepts this sign-in. Reload the page to sign in again.");
    }
    if (state === "on") {
      lostSince = undefined;
      showState("on", "Live: changes appear within " + REFRESH_MS / 1000 + " seconds.");
    } else {
      lostSince ??= currentTime();
      showState("lost", "The server has not answered since " + lostSince + ". This is its last answer; retrying.");
    }
    timer = setTimeout(refresh, REFRESH_MS);
  };

  const unfold = () => {
    const details = document.getElementById(location.hash.slice(1))?.closest("details");
    if (details) details.open = true;
  };

  addEventListener("hashchange", unfold);
  document.addEventListener("visibilitychange", refresh);
  unfold();
  refresh();
})();
`;

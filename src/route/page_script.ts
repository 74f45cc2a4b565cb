/**
 * The page's script. It fetches the page periodically and replaces only what differs, so that focus, selection and
 * scroll position stay, and shows when the server does not answer.
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
    const alike = old.nodeName === fresh.nodeName && old.childNodes.length === fresh.childNodes.length;
    if (!alike || old.id !== fresh.id) return old.replaceWith(document.importNode(fresh, true));
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    [...old.childNodes].forEach((child, at) => morph(child, fresh.childNodes[at]));
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
    const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main#main");
    if (!main) return "lost";
    morph(document.getElementById("main"), main);
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

  document.addEventListener("visibilitychange", refresh);
  refresh();
})();
`;

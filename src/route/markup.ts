import type { html } from "hono/html";

/** HTML whose every text is escaped. */
export type Markup = ReturnType<typeof html>;

import * as v from "valibot";

// Hint: at module scope, esbuild keeps each call of another module's function in every bundle.
// @__NO_SIDE_EFFECTS__
function made<T>(make: () => T): T {
  return make();
}

const names = made(() => v.array(v.string()));
const fieldSources = made(() => v.record(v.string(), v.string()));
const time = made(() => v.pipe(v.string(), v.isoTimestamp()));

const shared = made(() => v.picklist(["minted", "received", "alone"]));

const step = made(() =>
  v.strictObject({
    store: v.string(),
    outcome: v.picklist(["hit", "miss", "off", "incomplete", "unavailable", "denied", "invalid"]),
    role: v.picklist(["winner", "setting", "passed", "stopped", "shadowed"]),
    ms: v.exactOptional(v.number()),
    detail: v.exactOptional(v.string()),
    version: v.exactOptional(v.union([v.string(), v.number()])),
    shared: v.exactOptional(shared),
    missing: v.exactOptional(names),
    need: v.exactOptional(v.string()),
  })
);

const code = made(() =>
  v.picklist([
    "denied",
    "invalid",
    "unavailable",
    "incomplete",
    "not_found",
    "default_forbidden",
    "unknown_key",
    "closed",
  ])
);

const store = made(() =>
  v.strictObject({
    name: v.string(),
    kind: v.string(),
    shape: v.picklist(["variables", "document", "token"]),
    priority: v.number(),
    state: v.picklist(["on", "off", "invalid"]),
    reason: v.exactOptional(v.string()),
    installed: v.exactOptional(v.literal(true)),
    share: v.exactOptional(v.strictObject({
      engine: v.string(),
      state: v.exactOptional(v.picklist(["on", "away", "refused", "misunderstood"])),
      entries: names,
      minted: v.number(),
      received: v.number(),
    })),
    needs: v.exactOptional(names),
    options: v.exactOptional(v.record(v.string(), v.string())),
    references: v.array(v.strictObject({
      option: v.string(),
      variable: v.string(),
      set: v.boolean(),
      unreadable: v.exactOptional(v.picklist(["denied", "invalid", "unavailable"])),
    })),
  })
);

const held = made(() =>
  v.strictObject({
    source: v.string(),
    fields: fieldSources,
    degraded: v.boolean(),
    generation: v.exactOptional(v.number()),
    resolvedAt: time,
    renewsAt: v.exactOptional(time),
    expiresAt: v.exactOptional(time),
    endsWith: v.exactOptional(v.string()),
  })
);

const credential = made(() =>
  v.strictObject({
    key: v.string(),
    fields: v.array(v.strictObject({
      name: v.string(),
      presence: v.picklist(["required", "optional", "setting", "destination"]),
    })),
    anyOf: v.exactOptional(names),
    from: v.array(v.strictObject({ store: v.string(), reads: names })),
    held: v.exactOptional(held),
    last: v.exactOptional(v.strictObject({
      at: time,
      error: v.exactOptional(v.string()),
      missing: v.exactOptional(names),
      trace: v.array(step),
    })),
  })
);

/** What `describe` returns. */
export const description = made(() =>
  v.strictObject({
    version: v.literal(1),
    stores: v.array(store),
    credentials: v.array(credential),
  })
);

function explainedWalk<E extends v.ObjectEntries>(before: E) {
  return v.strictObject({
    ...before,
    key: v.string(),
    source: v.nullable(v.string()),
    degraded: v.boolean(),
    fields: fieldSources,
    error: v.exactOptional(code),
    unknown: v.exactOptional(names),
    trace: v.array(step),
  });
}

const neededWalk = made(() => explainedWalk({ neededBy: names }));

/** What `explain` returns. */
export const explanation = made(() =>
  explainedWalk({
    version: v.literal(1),
    needs: v.exactOptional(v.array(neededWalk)),
  })
);

/** What `check` returns. */
export const check = made(() =>
  v.strictObject({
    version: v.literal(1),
    ok: v.boolean(),
    credentials: v.array(v.strictObject({
      key: v.string(),
      ok: v.boolean(),
      source: v.exactOptional(v.string()),
      degraded: v.exactOptional(v.literal(true)),
      shared: v.exactOptional(shared),
      code: v.exactOptional(code),
      missing: v.exactOptional(names),
      reason: v.exactOptional(v.string()),
      unused: v.exactOptional(v.literal(true)),
    })),
    findings: v.array(v.strictObject({
      rule: v.picklist([
        "shadowed",
        "unreachable",
        "unmapped",
        "short_form",
        "path_notation",
        "loose_mode",
        "conflicting_values",
        "ignored_file",
        "missing_directory",
        "set_in_part",
        "plaintext",
        "unshared",
        "short_login",
        "split_login",
        "relative_program",
        "frequent_program",
        "misspelled_member",
        "mixed_names",
      ]),
      path: v.string(),
      message: v.string(),
      key: v.exactOptional(v.string()),
    })),
  })
);

/** What `permissions` returns. */
export const permissions = made(() =>
  v.strictObject({
    version: v.literal(1),
    env: names,
    read: names,
    net: names,
    run: names,
    flags: v.string(),
    notes: names,
  })
);

/** What `init --json` prints. */
export const init = made(() =>
  v.strictObject({
    version: v.literal(1),
    config: v.string(),
    stores: names,
    services: v.array(v.strictObject({
      name: v.string(),
      key: v.string(),
      variables: v.array(v.strictObject({
        name: v.string(),
        field: v.string(),
        set: v.boolean(),
        unreadable: v.exactOptional(v.literal(true)),
      })),
      document: v.strictObject({ path: v.string(), exists: v.boolean() }),
    })),
  })
);

/** What `persist --json` prints. */
export const persist = made(() =>
  v.strictObject({
    version: v.literal(1),
    key: v.string(),
    store: v.string(),
    names,
    shadowedBy: v.exactOptional(v.string()),
  })
);

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Creates secret values, and finds them in output. */
export interface Sentinels {
  /** How many were created. */
  readonly created: number;
  /** Creates one. */
  next(): string;
  /** Lists those that occur in a text: verbatim, with one or two encodings, or as a hash. */
  find(text: string): Promise<readonly string[]>;
}

/** Creates sentinels of 32 random base-62 characters. */
export function randomSentinels(): Sentinels {
  return sentinels(() => {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    return [...bytes].map((byte) => BASE62[byte % 62]).join("");
  });
}

const HOSTILE = [
  "<script>alert('§')</script>",
  "\"'><img src=x onerror=alert(1)>",
  "</style><b>&amp;&lt;%3C",
  "${jndi:ldap://x}{{7*7}}",
  "%00%0d%0aSet-Cookie: a=b",
  '\\u0041\\"\\n\\\\',
  "🗝️ ключ مفتاح 鍵",
  "a+b/c==&d=%2B;e",
  "' OR 1=1; -- \t x",
  "__proto__:constructor",
];

/** Creates sentinels of characters that are easily escaped wrongly, each with a unique number. */
export function hostileSentinels(): Sentinels {
  return sentinels((at) => `~${at}~${HOSTILE[at % HOSTILE.length]}~${at}~`);
}

function sentinels(make: (at: number) => string): Sentinels {
  const created: string[] = [];
  return {
    get created() {
      return created.length;
    },
    next() {
      const value = make(created.length);
      created.push(value);
      return value;
    },
    async find(text) {
      // Hint: most lines are the same on every page, and decoding them once is enough.
      const texts = decodings([...new Set(text.split("\n"))].join("\n"));
      const marks = await Promise.all(created.map(async (value) => [value, ...await digests(value)]));
      return created.filter((_, at) => marks[at]!.some((mark) => texts.some((each) => each.includes(mark))));
    },
  };
}

/** A text, and the results of decoding it with each encoding and each pair of encodings. */
export function decodings(text: string): readonly string[] {
  const once = [text, ...decodedOnce(text)];
  return [...new Set([...once, ...once.slice(1).flatMap(decodedOnce)])];
}

function decodedOnce(text: string): readonly string[] {
  return [fromUrl(text), fromHtml(text), fromJson(text), fromBase64(text)].filter((each) => each !== text);
}

function fromUrl(text: string): string {
  const spaces = text.replaceAll("+", " ");
  return [text, spaces].map((each) =>
    each.replace(/(?:%[0-9a-f]{2})+/gi, (run) => attempt(() => decodeURIComponent(run)) ?? run)
  ).join("\n");
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function fromHtml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    return hex ? String.fromCodePoint(parseInt(hex, 16)) : ENTITIES[name] ?? whole;
  });
}

function fromJson(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, (literal) => attempt(() => JSON.parse(literal)) ?? literal);
}

function fromBase64(text: string): string {
  const runs = new Set(text.match(/[A-Za-z0-9+/_-]{8,}/g));
  // Hint: a value may begin in the middle of a group of four characters.
  const decoded = [...runs].flatMap((run) =>
    [0, 1, 2, 3].flatMap((skip) => attempt(() => decodeBase64(run.slice(skip))))
  );
  return decoded.filter((each) => each !== undefined).join("\n");
}

function decodeBase64(run: string): string {
  const whole = run.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(whole.length % 4 === 1 ? whole.slice(0, -1) : whole), (c) => c.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

async function digests(value: string): Promise<readonly string[]> {
  const bytes = new TextEncoder().encode(value);
  const hashes = await Promise.all(["SHA-1", "SHA-256"].map((name) => crypto.subtle.digest(name, bytes)));
  return hashes.flatMap((hash) => [new Uint8Array(hash).toHex(), new Uint8Array(hash).toBase64()]);
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

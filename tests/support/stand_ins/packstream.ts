/** A Bolt message: its tag and its fields. */
export interface Message {
  readonly tag: number;
  readonly fields: readonly unknown[];
}

/**
 * Decodes a message, in the part of PackStream (https://neo4j.com/docs/bolt/current/packstream/) that authentication and
 * a query need.
 *
 * @param bytes The message, its chunks joined.
 * @returns The message.
 */
export function unpack(bytes: Uint8Array): Message {
  return new Unpacker(bytes).message();
}

/**
 * Encodes a message, in the part of PackStream that the answers need.
 *
 * @param message The message.
 * @returns Its bytes, not yet in chunks.
 */
export function pack({ tag, fields }: Message): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0xb0 + fields.length, tag, ...fields.flatMap(packValue)]);
}

class Unpacker {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  message(): Message {
    const length = this.#size(1) & 0x0f;
    return { tag: this.#size(1), fields: this.#list(length) };
  }

  #value(): unknown {
    const marker = this.#size(1);
    const [kind, low] = [marker & 0xf0, marker & 0x0f];
    if (marker < 0x80) return marker;
    if (kind === 0xf0) return marker - 0x100;
    if (kind === 0x80) return this.#text(low);
    if (kind === 0x90) return this.#list(low);
    if (kind === 0xa0) return this.#map(low);
    if (marker === 0xc0) return null;
    if (marker === 0xc2 || marker === 0xc3) return marker === 0xc3;
    if (marker >= 0xc8 && marker <= 0xcb) return this.#integer(2 ** (marker - 0xc8));
    const size = this.#size(2 ** (low % 4));
    if (marker >= 0xd0 && marker <= 0xd2) return this.#text(size);
    if (marker >= 0xd4 && marker <= 0xd6) return this.#list(size);
    if (marker >= 0xd8 && marker <= 0xda) return this.#map(size);
    throw new TypeError(`Cannot unpack the marker ${marker.toString(16)}`);
  }

  #size(width: number): number {
    return Number(this.#digits(width, false));
  }

  #integer(width: number): bigint {
    return this.#digits(width, true);
  }

  #digits(width: number, signed: boolean): bigint {
    let value = 0n;
    for (let digit = 0; digit < width; digit++) value = value << 8n | BigInt(this.#view.getUint8(this.#at++));
    return signed ? BigInt.asIntN(width * 8, value) : value;
  }

  #text(length: number): string {
    return new TextDecoder().decode(this.#bytes.subarray(this.#at, this.#at += length));
  }

  #list(length: number): unknown[] {
    return Array.from({ length }, () => this.#value());
  }

  #map(length: number): Record<string, unknown> {
    return Object.fromEntries(Array.from({ length }, () => [this.#value(), this.#value()]));
  }
}

function packValue(value: unknown): number[] {
  if (typeof value === "number") return [value & 0x7f];
  if (typeof value === "string") {
    const bytes = new TextEncoder().encode(value);
    return [0xd0, bytes.length, ...bytes];
  }
  if (Array.isArray(value)) return [0x90 + value.length, ...value.flatMap(packValue)];
  const entries = Object.entries(value as object);
  return [0xa0 + entries.length, ...entries.flatMap((entry) => entry.flatMap(packValue))];
}

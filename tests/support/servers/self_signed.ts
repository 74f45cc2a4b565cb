import { generate } from "npm:selfsigned@^5";

/** A self-signed certificate and its key. */
export interface SelfSigned {
  /** The certificate, as PEM. */
  readonly cert: string;
  /** Its private key, as PEM. */
  readonly key: string;
}

/**
 * Creates a self-signed certificate for a host name.
 *
 * @param name The host name.
 * @returns The certificate and its key.
 */
export async function createSelfSigned(name: string): Promise<SelfSigned> {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
    keyType: "ec",
  });
  return { cert, key };
}

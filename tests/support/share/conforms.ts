/** What a program answers whose engine passes every check of `engineConformance`. */
export const CONFORMS = { failed: [], passed: 16 };

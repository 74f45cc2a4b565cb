import { type AnswerOptions, isAnswered } from "../chain/answer.ts";
import type { MaybePromise } from "../chain/eventually.ts";
import type { Presence } from "../chain/field.ts";
import type { Refusal } from "../chain/outcome.ts";
import type { Reference } from "../chain/reference.ts";
import type { Parts } from "../chain/store_kind.ts";
import type { UnknownName } from "../chain/unknown_name.ts";
import type { FieldValues, Nothing } from "./answer.ts";
import type { SharedNotes } from "./shared_notes.ts";

/** What is noted in the context of a look-up, in addition to its value. */
export interface Notes {
  /** How long the answer is used, unless the store's options say it. */
  recheck?: number | undefined;
  /** Why there is nothing: the directory itself does not exist. */
  missingDirectory?: string | undefined;
  /** The names that are awaited, and how many pauses in a row were before. */
  pending?: Map<unknown, number> | undefined;
  /** Whether there was no answer in time. */
  timedOut?: boolean;
  /** What the look-up said with `answer()`. */
  answered?: AnswerOptions | undefined;
  /** What is known of a token that is shared. */
  shared?: SharedNotes | undefined;
}

/** Returns the value that a look-up gave, and notes what it said with `answer()`. */
export function valueOf(given: unknown, context: Notes): unknown {
  if (!isAnswered(given)) return given;
  const { version, expiresAt = Infinity } = context.answered ?? given;
  context.answered = {
    ...given,
    version: version === given.version ? version : undefined,
    expiresAt: Math.min(expiresAt, given.expiresAt ?? Infinity),
  };
  return given.value;
}

/** The context of a look-up, as a shape uses it. */
export interface LookUpContext extends Notes {
  /** Aborted when the look-up's time is up. */
  readonly signal: AbortSignal;
  /** Reads what the mapping of a token store refers to. */
  readonly referred?: (reference: Reference) => string | Refusal;
  /** Of a document: whether its plain text is asked for, and not what is parsed of it. */
  text?: boolean;
}

/** A store's look-up, as a shape calls it. */
export type UntypedLook = (what: unknown, context: LookUpContext) => unknown;

/** What a store's `open` gave: its look-up, and what else it can do. */
export interface UntypedOpened {
  readonly look: UntypedLook;
  readonly read?: UntypedLook;
  readonly close?: (context: { readonly signal: AbortSignal; need(name: string): object | undefined }) => unknown;
}

/** The part of a document that a mapping reads. */
export interface DocumentRead {
  readonly name: string;
  /** Whether it is a plain text, which is not parsed: its one locator, `""`, is the whole text. */
  readonly text: boolean;
  /** The locators of each field, in order of preference. */
  readonly locators: readonly (readonly string[])[];
  /** The paths of all of them; a template has one for each of its parts. */
  readonly paths: readonly Path[];
}

/** The names that lead to a value in a document. */
export type Path = readonly string[];

/** A variable that is neither a text nor absent, and what was given for it: a promise, or a refusal. */
export interface NotText {
  readonly outcome?: undefined;
  readonly name: string;
  readonly given: unknown;
}

/** A compiled mapping. */
export interface Reader {
  /** Every declared name that it reads. */
  readonly reads: readonly string[];
  /** Which fields it maps, by the field's index. */
  readonly maps: readonly boolean[];
  /** The preferred name of each field. */
  readonly names: readonly (string | undefined)[];
  /** What a token store is asked for. */
  readonly request?: unknown;
  /** The document that it reads. */
  readonly document?: DocumentRead;
  /** Reads the fields with these indices from variables that are texts or absent; ends at one that is not. */
  readTexts?(variable: (name: string) => unknown, wanted: readonly number[]): Nothing | FieldValues | NotText;
  /** Reads the fields with these indices. */
  read(
    look: UntypedLook,
    context: LookUpContext,
    wanted: readonly number[],
  ): MaybePromise<Nothing | FieldValues | Refusal>;
}

/** What a mapping is compiled for. */
export interface Target {
  readonly fields: readonly {
    readonly name: string;
    readonly identity: boolean;
    readonly presence: Presence;
    readonly schema?: unknown;
  }[];
  /** Their names. */
  readonly names: readonly string[];
  /** The readers of every credential in the same store, this one's included once it is compiled. */
  readonly siblings: readonly Reader[];
  /** What the store is. */
  readonly spec: Parts["spec"];
}

/** Reports a mistake: its path, and what was expected; of a name that is not known, the known ones instead. */
export type Complain = (path: string, message: string, unknown?: UnknownName) => void;

import fc from "npm:fast-check@^4.10.2";
import type { Marker } from "./marker.ts";
import { mutated } from "./mutations.ts";

const NAMESPACE = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';
const EXPIRATIONS = [
  ...Array<string>(12).fill("2026-01-01T01:00:00Z"),
  "2026-01-01T01:00:00.000000000Z",
  "2026-01-01T01:00:00",
  "2026-01-01T01:00:00+99:99",
  "1970-01-01T00:00:00Z",
  "+275760-09-13T00:00:00.000Z",
  "+999999-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "2026-02-31T00:00:00Z",
  "1767229200",
  "soon",
  "",
  "1e999",
];
const CODES = [
  "AccessDenied",
  "ExpiredToken",
  "InvalidParameterValue",
  "SlowDown",
  "MalformedPolicyDocument",
  "RequestTimeTooSkewed",
  "toString",
  "__proto__",
  "",
];

/** How an element may hold a text: not all are this text to every reader. */
const WRITINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text,
  (text) => text,
  (text) => ` \n${text}\t`,
  (text) => `<![CDATA[${text}]]>`,
  (text) => `${text.slice(0, 8)}<![CDATA[${text.slice(8)}]]>`,
  (text) => `${text.slice(0, 8)}<!-- ${text} -->${text.slice(8)}`,
  (text) => `<?pi ${text}?>${text}`,
  (text) => `${text}&amp;`,
  (text) => `&#x71;${text}`,
  (text) => `&secret;${text}`,
  (text) => `<Value>${text}</Value>`,
  (text) => `${text}<br/>`,
  (text) => `${text}\0`,
  (text) => `${text}\uFFFD`,
  (text) => `${text}<`,
  (text) => `<![CDATA[${text}`,
  () => "",
  () => "<![CDATA[]]>",
  () => " ",
];

const PROLOGUES = [
  "",
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<?xml version="1.0" encoding="UTF-16"?>',
  '<?xml version="9.9"?>',
  "\uFEFF",
  "<!-- comment -->",
  '<!DOCTYPE a [<!ENTITY secret "s3cr3t">]>',
  '<!DOCTYPE a [<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
  '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY secret "&b;&b;&b;&b;">]>',
  "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://other.example/'>%p;]>",
  "<!DOCTYPE a [<!ELEMENT a (b*)><!ATTLIST a b CDATA #IMPLIED>]>",
  "<!DOCTYPE",
  "<!DOCTYPE a [",
];

const MEMBERS = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"] as const;
const DEPTH = 9_000;

interface Element {
  readonly name: string;
  readonly text: string;
  readonly attribute: string;
}

function xmlOf({ name, text, attribute }: Element): string {
  return `<${name}${attribute}>${text}</${name}>`;
}

/** Elements of a temporary credential: all of them, some twice, some of another name. */
function credentials({ text }: Marker): fc.Arbitrary<string> {
  const attribute = fc.oneof(
    { weight: 8, arbitrary: fc.constant("") },
    fc.constantFrom(` a="${text}"`, " a", ` a='<'`, ` ${text}`),
  );
  const members = MEMBERS.map((name) => {
    const value = name === "Expiration" ? fc.constantFrom(...EXPIRATIONS) : fc.constant(text);
    const written = fc.tuple(value, fc.constantFrom(...WRITINGS)).map(([each, write]) => write(each));
    return fc.record({ name: fc.constant(name), text: fc.oneof({ weight: 6, arbitrary: value }, written), attribute })
      .map(xmlOf);
  });
  const odd = fc.record({
    name: fc.constantFrom(
      "accesskeyid",
      "s:AccessKeyId",
      "__proto__",
      "constructor",
      "AccessKeyId",
      "SessionToken",
      text,
    ),
    text: fc.constant(text),
    attribute,
  }).map(xmlOf);
  const others = fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.array(odd, { maxLength: 3 }));
  return fc.tuple(...members, others).map(([...all]) => all.flat().join(""));
}

function successOf(inner: string, prefix: string, twice: boolean): string {
  const open = (name: string) => `<${prefix}${name}>`;
  const close = (name: string) => `</${prefix}${name}>`;
  const wrapped = `${open("Credentials")}${inner}${close("Credentials")}`;
  const result = `${open("AssumeRoleWithWebIdentityResult")}${wrapped.repeat(twice ? 2 : 1)}${
    close("AssumeRoleWithWebIdentityResult")
  }`;
  return `<${prefix}AssumeRoleWithWebIdentityResponse ${NAMESPACE}>${result}${
    close("AssumeRoleWithWebIdentityResponse")
  }`;
}

/** Texts of the answers of an STS: good ones, errors, with tricks, mutated ones and something else. */
export function stsTexts(marker: Marker): fc.Arbitrary<string> {
  const { text } = marker;
  const prefix = fc.oneof({ weight: 12, arbitrary: fc.constant("") }, fc.constantFrom("sts:", "a:b:"));
  const twice = fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, fc.constant(true));
  const good = fc.tuple(credentials(marker), prefix, twice).map((all) => successOf(...all));
  const refused = fc.tuple(fc.oneof(fc.constantFrom(...CODES), fc.constant(text)), fc.boolean()).map(
    ([code, wrapped]) => {
      const error = `<Error><Code>${code}</Code><Message>${text}</Message><${text}/></Error>`;
      return wrapped ? `<ErrorResponse ${NAMESPACE}>${error}</ErrorResponse>` : error;
    },
  );
  const prologue = fc.oneof({ weight: 3, arbitrary: fc.constant("") }, fc.constantFrom(...PROLOGUES));
  const near = fc.tuple(prologue, fc.oneof({ weight: 5, arbitrary: good }, refused)).map((all) => all.join(""));
  const hostile = fc.constantFrom(
    "<a>".repeat(DEPTH) + text + "</a>".repeat(DEPTH),
    "<a>".repeat(DEPTH * 2),
    "<".repeat(60_000),
    "<a ".repeat(20_000),
    `<a ${'b="c" '.repeat(10_000)}/>`,
    "<!--".repeat(15_000),
    "<![CDATA[".repeat(7_000),
    `<!DOCTYPE a [${'<!ENTITY a "a">'.repeat(4_000)}]><a/>`,
    `<a>${"&a;".repeat(20_000)}</a>`,
    `<a>${"<b/>".repeat(15_000)}</a>`,
    " ".repeat(60_000),
    "a".repeat(70_000),
  );
  return fc.oneof(
    { weight: 160, arbitrary: near },
    { weight: 80, arbitrary: mutated(near) },
    { weight: 6, arbitrary: fc.constantFrom("", text, `{"secret":"${text}"}`, `<html>${text}</html>`, "<>", "</a>") },
    { weight: 2, arbitrary: hostile },
  );
}

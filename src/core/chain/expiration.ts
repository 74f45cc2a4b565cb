const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * Reads the `Expiration` of an answer. One without a zone is UTC, as with AWS, whatever the zone of this machine.
 *
 * @param text The text of the element.
 * @returns The time in milliseconds since 1970; `NaN` for what is not one.
 */
export function parseExpiration(text: string): number {
  const [, day, time, fraction = "", zone = "Z"] = DATE_TIME.exec(text) ?? [];
  // Hint: every runtime reads this form alike, and other forms as it likes.
  return day === undefined ? NaN : Date.parse(`${day}T${time}${fraction.slice(0, 4)}${offset(zone)}`);
}

function offset(zone: string): string {
  const [, hours, minutes = "00"] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return hours === undefined ? "Z" : `${hours}:${minutes}`;
}

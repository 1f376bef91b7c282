/** HTML from templates that escape all values. Runs in Node and in the page. */

/** Markup that is already safe. */
export interface Markup {
  readonly markup: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for use between tags and in quoted attributes; control characters that HTML forbids become �. */
export function escape(text: string): string {
  return (
    text
      .replaceAll(/[&<>"']/g, (character) => entities[character]!)
      // eslint-disable-next-line no-control-regex -- control characters are what it looks for
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "\ufffd")
  );
}

/** Marks text as markup; only for text of the program itself. */
export const raw = (markup: string): Markup => ({ markup });

type TemplateValue = string | number | null | false | undefined | Markup | readonly TemplateValue[];

function render(part: TemplateValue): string {
  if (part === null || part === undefined || part === false) return "";
  if (typeof part === "string") return escape(part);
  if (typeof part === "number") return String(part);
  if ("markup" in part) return part.markup;
  return part.map(render).join("");
}

/** A template whose values are escaped unless they are markup; lists are joined, and null and false are left out. */
export function html(strings: TemplateStringsArray, ...parts: readonly TemplateValue[]): Markup {
  return raw(
    strings.map((text, index) => text + (index < parts.length ? render(parts[index]) : "")).join(""),
  );
}

/** An element whose text is not escaped: the page's policy admits a script by the checksum of its text. */
export function element(name: "script" | "style", attributes: string, text: string): Markup {
  if (text.includes(`</${name}`))
    throw new Error(`element: the text of a ${name} must not contain </${name}.`);
  return raw(`<${name}${attributes}>${text}</${name}>`);
}

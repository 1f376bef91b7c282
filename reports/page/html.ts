/** HTML from templates that escape whatever is put into them. */

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

/** Text that may stand between tags and inside quoted attributes; control characters that HTML forbids become �. */
export function escape(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => entities[character] as string)
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "\ufffd"); // eslint-disable-line no-control-regex
}

/** Marks text as markup. Only for text of our own. */
export const raw = (markup: string): Markup => ({ markup });

type Part = string | number | null | false | undefined | Markup | readonly Part[];

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (typeof part === "string") return escape(part);
  if (typeof part === "number") return String(part);
  if ("markup" in part) return part.markup;
  return part.map(render).join("");
}

/** A template whose values are escaped unless they are markup themselves; lists are joined, null and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return raw(
    strings.map((text, index) => text + (index < parts.length ? render(parts[index]) : "")).join(""),
  );
}

/** An element whose text must stand to the letter: the policy admits a script by its sum. */
export function element(name: "script" | "style", attributes: string, text: string): Markup {
  if (text.includes(`</${name}`)) throw new Error(`element: text must not close the ${name} that holds it.`);
  return raw(`<${name}${attributes}>${text}</${name}>`);
}

/// <reference lib="dom" />
/** Finding elements of the page, and files and copies for its buttons. */

/** All elements of a selector within `root`. */
export const all = <Kind extends HTMLElement>(selector: string, root: ParentNode = document): Kind[] => [
  ...root.querySelectorAll<Kind>(selector),
];

/** Offers a text as a file. */
export function download(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Copies without asking for permission: through the clipboard's interface or, where it is refused, a hidden field. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    // Deprecated, and the only way left.
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

/** Makes a button copy a text and say so. */
export function makeCopyButton(button: HTMLButtonElement, text: string): void {
  const label = button.textContent;
  button.addEventListener("click", () => {
    void copyText(text).then((done) => {
      button.textContent = done ? "copied" : "not copied";
      setTimeout(() => (button.textContent = label), 1500);
    });
  });
}

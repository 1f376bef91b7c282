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

/** Makes a button copy a text and say so. */
export function makeCopyButton(button: HTMLButtonElement, text: string): void {
  const label = button.textContent;
  const say = (word: string) => {
    button.textContent = word;
    setTimeout(() => (button.textContent = label), 1500);
  };
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(text).then(
      () => say("copied"),
      () => say("not copied"),
    );
  });
}

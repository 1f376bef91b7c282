/** The sums of the images' files as they are now; reading them fails where they are not what was published. */
export async function dataSums(folder: string | undefined): Promise<Readonly<Record<string, string>>> {
  const { loadImages } = await import("../../tasks/data/load-images.ts");
  return (await loadImages(folder === undefined ? {} : { folder })).sums;
}

/** Writes the documentation site: `npm run site -- [--out FOLDER]`. */
import { parseArgs } from "node:util";
import { writeSite } from "./write-site.ts";

const { values } = parseArgs({ options: { out: { type: "string", default: "site" } } });
const paths = await writeSite(values.out);
process.stdout.write(`${paths.length} files in ${values.out}; open ${values.out}/index.html\n`);

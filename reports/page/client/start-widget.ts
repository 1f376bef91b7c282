/** The script of the page that holds nothing but the Gumbel-Softmax widget. */
import { startWidgets } from "./gumbel-widget.ts";

startWidgets();

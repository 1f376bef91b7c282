/** Expressions of nested lists such as `[MAX 2 9 [MIN 4 7 ] 0 ]` and their values, with the grammar and the constants of ListOps. */
import { fillUniform, key } from "../noise.ts";
import type { Split } from "../task.ts";

const [operatorShare, mostArguments, deepest] = [0.25, 5, 20];
const median = (x: readonly number[]): number => {
  const sorted = [...x].sort((a, b) => a - b);
  return Math.floor((sorted[(x.length - 1) >> 1]! + sorted[x.length >> 1]!) / 2);
};
/** By token: MAX, MIN, MED (rounded down) and SUM_MOD are the tokens 10 to 13, after the digits. */
const operators: readonly ((x: readonly number[]) => number)[] = [
  (x) => Math.max(...x),
  (x) => Math.min(...x),
  median,
  (x) => x.reduce((a, b) => a + b) % 10,
];
const digits = 10;
const closing = digits + operators.length;
/** The number of different tokens: ten digits, four operators with their opening brackets, and the closing bracket. */
export const vocabulary = closing + 1;

export interface Expression {
  readonly tokens: readonly number[];
  /** A digit. */
  readonly answer: number;
}

/** An expression with an operator at its root; undefined if it has more tokens than `most`. */
export function drawExpression(uniform: () => number, most: number): Expression | undefined {
  const tokens: number[] = [];
  const below = (n: number) => Math.floor(uniform() * n);
  const value = (depth: number): number => {
    if (tokens.length >= most) tokens.length = most + 1;
    if (tokens.length > most) return 0;
    if (depth > 1 && (depth === deepest || uniform() > operatorShare)) return tokens[tokens.push(below(digits)) - 1]!; // prettier-ignore
    const operator = below(operators.length);
    tokens.push(digits + operator);
    const x = Array.from({ length: 2 + below(mostArguments - 1) }, () => value(depth + 1));
    tokens.push(closing);
    return operators[operator]!(x);
  };
  const answer = value(1);
  return tokens.length > most ? undefined : { tokens, answer };
}

/** Of ten equal shares of all expressions, that of an expression. */
const shareOf = (tokens: readonly number[]): number =>
  (tokens.reduce((hash, token) => Math.imul(hash ^ token, 0x01000193), 0x811c9dc5) >>> 8) % 10;

const block = 4096;

/**
 * So many expressions for each split, the same in every run, that have at most `most` and more than half as many tokens, so
 * that nearly all are nested. An expression that occurs again is in the same split.
 */
export function splitExpressions(
  most: number,
  counts: Readonly<Record<Split, number>>,
): Readonly<Record<Split, readonly Expression[]>> {
  const [noise, uniforms] = [key("listops", most), new Float32Array(block)];
  let used = 0;
  const uniform = () => {
    if (used % block === 0) fillUniform(noise, uniforms, used);
    return uniforms[used++ % block]!;
  };
  const found: Record<Split, Expression[]> = { train: [], valid: [], test: [] };
  const missing = () => Object.entries(counts).some(([split, count]) => found[split as Split].length < count);
  while (missing()) {
    const one = drawExpression(uniform, most);
    if (!one || 2 * one.tokens.length <= most) continue;
    const split = (["test", "valid"] as const)[shareOf(one.tokens)] ?? "train";
    if (found[split].length < counts[split]) found[split].push(one);
  }
  return found;
}

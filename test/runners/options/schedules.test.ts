import test from "ava";
import fc from "fast-check";
import { BenchError } from "../../../runners/errors.ts";
import { parseSchedule } from "../../../runners/options/schedules.ts";

test("a plain number is the same at every step", (t) => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(), (value, step) => {
      return parseSchedule(value).at(step) === value || Object.is(value, -0);
    }),
  );
  t.is(parseSchedule("0.5").at(7), 0.5);
});

test("exp:start:rate:floor:every is max(floor, start exp(-rate N floor(t/N)))", (t) => {
  const schedule = parseSchedule("exp:1:3e-5:0.5:1000");
  t.is(schedule.text, "exp:1:3e-5:0.5:1000");
  t.is(schedule.at(0), 1);
  t.is(schedule.at(999), 1);
  t.is(schedule.at(1000), Math.exp(-3e-5 * 1000));
  t.is(schedule.at(10_500), Math.exp(-3e-5 * 1000 * 10));
  t.is(schedule.at(1_000_000), 0.5);
  t.deepEqual(schedule.range, [0.5, 1]);
});

test("a schedule never rises and never leaves its range", (t) => {
  const positive = fc.double({ min: 1e-3, max: 10, noNaN: true });
  fc.assert(
    fc.property(
      positive,
      positive,
      positive,
      fc.integer({ min: 1, max: 5000 }),
      fc.nat(1e6),
      (a, b, rate, every, step) => {
        const [floor, start] = a < b ? [a, b] : [b, a];
        const { at, range } = parseSchedule(`exp:${start}:${rate}:${floor}:${every}`);
        return at(step) >= at(step + 1) && at(step) <= range[1] && at(step) >= range[0];
      },
    ),
  );
  t.pass();
});

const wrong: readonly [text: string, says: RegExp][] = [
  ["", /must be a number, got ""/],
  ["fast", /must be a number, got "fast"/],
  ["0x10", /must be a number, got "0x10"/],
  ["Infinity", /must be a number/],
  ["lin:1:2:3:4", /a number or exp:START:RATE:FLOOR:EVERY.*got "lin:1:2:3:4"/],
  ["exp:1:2", /four numbers.*got "exp:1:2"/],
  ["exp:1:x:0.5:10", /rate of "exp:1:x:0.5:10" must be a number, got "x"/],
  ["exp:1:-1:0.5:10", /must not be negative/],
  ["exp:1:1:0.5:0", /whole number of steps from 1, got 0/],
  ["exp:1:1:0.5:1.5", /whole number of steps from 1, got 1.5/],
  ["exp:0.1:1:0.5:10", /must not lie below its floor/],
  ["exp:-1:1:-2:10", /start of "exp:-1:1:-2:10" must not be negative/],
];
for (const [text, says] of wrong) {
  test(`the schedule "${text}" is refused in a sentence`, (t) => {
    const error = t.throws(() => parseSchedule(text), { instanceOf: BenchError, message: says });
    t.is(error.exit, 2);
  });
}

test("parsing any text gives a schedule or a sentence of exit 2", (t) => {
  const piece = fc.oneof(fc.constantFrom("exp", "1", "0.5", "3e-5", "-1", ""), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      try {
        return Number.isFinite(parseSchedule(pieces.join(":")).at(10));
      } catch (error) {
        return error instanceof BenchError && error.exit === 2 && !error.message.includes("\n  at ");
      }
    }),
  );
  t.pass();
});

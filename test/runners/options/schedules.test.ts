import test from "ava";
import fc from "fast-check";
import { parseSchedule } from "../../../runners/options/schedules.ts";
import { refusesEach } from "./parsed.ts";

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

refusesEach("a wrong schedule is an error that quotes it", (text: string) => parseSchedule(text), [
  ["", /^schedule expects a number, got ""\.$/],
  ["fast", /expects a number, got "fast"/],
  ["0x10", /expects a number, got "0x10"/],
  ["Infinity", /expects a number/],
  ["lin:1:2:3:4", /^schedule: invalid schedule "lin:1:2:3:4"; write a number or exp:START:RATE:FLOOR:EVERY/],
  ["exp:1:2", /invalid schedule "exp:1:2"; write a number or/],
  ["exp:1:x:0.5:10", /RATE of "exp:1:x:0\.5:10" expects a number, got "x"/],
  ["exp:1:-1:0.5:10", /RATE must not be negative/],
  ["exp:1:1:0.5:0", /EVERY must be a whole number of steps, at least 1/],
  ["exp:1:1:0.5:1.5", /EVERY must be a whole number/],
  ["exp:0.1:1:0.5:10", /START must not be below FLOOR/],
  ["exp:-1:1:-2:10", /START must not be negative/],
]);
